"""Loads whichever estimator a Model B run holds; scikit-learn's only after their file's sha256 was checked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.artifacts import MODEL_B_ESTIMATOR
from cgid.errors import InputError
from cgid.evaluate.calibration import Calibration, sigmoid
from cgid.model_b.linear import (
    DEFAULT_VARIANT,
    LINEAR_KINDS,
    Contribution,
    LinearModel,
    calibration_of,
    ranked,
    read_block,
)
from cgid.model_b.preparation import Preparation
from cgid.runs.run import Run
from cgid.runs.store import verify_file

# A forest's vote of 0 or 1 has no finite logit: votes are drawn in by this much.
MIN_VOTE = 1e-3


@dataclass(frozen=True)
class TreeModel:
    """A scikit-learn forest or gradient boosting behind the same answers as `LinearModel`."""

    variant: str
    preparation: Preparation
    estimator: Any
    order: np.ndarray
    calibration: Calibration

    @property
    def features(self) -> tuple[str, ...]:
        return self.preparation.features

    def raw_logit(self, values: Mapping[str, Any]) -> float:
        return float(logits(self.estimator, self.preparation.row(values)[None])[0])

    def raw(self, values: Mapping[str, Any]) -> float:
        """Uncalibrated P(ai), 0..1."""
        return sigmoid(self.raw_logit(values))

    def logit(self, values: Mapping[str, Any]) -> float:
        """Calibrated logit."""
        return self.calibration.logit(self.raw_logit(values))

    def probability(self, values: Mapping[str, Any]) -> float:
        """Calibrated P(ai), 0..1."""
        return sigmoid(self.logit(values))

    def contributions(self, values: Mapping[str, Any]) -> list[Contribution]:
        """(feature, value, change of the calibrated logit), largest first; the sum is the calibrated logit.

        The features of an average training image are replaced by this image's one after another, the most important
        feature first; each is credited with the change it makes. Another order would share the credit differently.
        """
        target = self.preparation.row(values)
        owners = self.preparation.owners
        path = np.zeros((len(self.order) + 1, len(target)))
        for step, feature in enumerate(self.order, start=1):
            path[step] = path[step - 1]
            path[step, owners == feature] = target[owners == feature]
        path_logits = logits(self.estimator, path)
        parts = np.zeros(len(self.features))
        parts[self.order] = np.diff(path_logits) / self.calibration.temperature
        return ranked(self.features, self.preparation.raw(values), parts, self.calibration.logit(float(path_logits[0])))


def logits(estimator: Any, matrix: np.ndarray) -> np.ndarray:
    """float (n): log odds of a scikit-learn classifier's P(ai), finite."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "openmp"):  # boosting's threads wait for one another far longer than they work
        probability = np.clip(estimator.predict_proba(matrix)[:, 1], MIN_VOTE, 1 - MIN_VOTE)
    return np.log(probability / (1 - probability))


def load_model_b(run: Run, variant: str = DEFAULT_VARIANT) -> LinearModel | TreeModel:
    """The run's estimator; `all` where it has no such variant. Raises InputError on a damaged or changed file.

    scikit-learn is imported only for forests and boosting: logistic regression answers from the numbers of
    model_b.json, and its file is checked, not read. The sha256 guards against a file that was damaged or
    exchanged; a whole run from someone you do not trust is a program, and should not be loaded at all.
    """
    name, block = read_block(run, variant)
    if block.get("kind", "linear") == "linear":
        return LinearModel.from_json(name, block)
    weights = run.manifest.get("weights") or {}
    if weights.get("file") != MODEL_B_ESTIMATOR or not weights.get("sha256"):
        raise InputError(f"{run.folder} does not record the sha256 of {MODEL_B_ESTIMATOR}; train Model B again.")
    path = verify_file(run, MODEL_B_ESTIMATOR, weights["sha256"])
    if block["kind"] in LINEAR_KINDS:
        return LinearModel.from_json(name, block)
    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    try:
        with warnings.catch_warnings():  # of all threads: no more than this one kind may become an error meanwhile
            warnings.simplefilter("error", InconsistentVersionWarning)
            estimator = joblib.load(path)[name]
    except Exception as error:
        version = (run.manifest.get("versions") or {}).get("scikit-learn", "another version")
        raise InputError(
            f"{path} was made with scikit-learn {version} and cannot be read here ({error}); train Model B again."
        ) from error
    estimator.n_jobs = 1
    preparation = Preparation.from_json(block)
    importance = np.array(block.get("importance") or np.zeros(len(preparation.columns)), dtype=float)
    by_feature = np.zeros(len(preparation.features))
    np.maximum.at(by_feature, preparation.owners, np.abs(importance))
    order = np.argsort(-by_feature, kind="stable")
    return TreeModel(name, preparation, estimator, order, calibration_of(block))
