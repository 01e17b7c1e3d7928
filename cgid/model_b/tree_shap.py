"""Shapley values of one image's score by a forest or by boosting: exact path-dependent TreeSHAP.

Lundberg et al. (2020), Nature Machine Intelligence 2: path-dependent TreeSHAP by the library `shap`, which is loaded
only when asked for. What is expected without a feature comes from the training rows that passed each branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.errors import InputError
from cgid.model_b.estimators import TreeModel
from cgid.model_b.linear import INTERCEPT, Contribution, ranked

LOG_ODDS, VOTES = "calibrated log odds", "share of the trees' votes"
TOLERANCE = 1e-6


@dataclass(frozen=True)
class TreeContributions:
    """start: expected before looking. parts: (feature, value, contribution), largest first. unit: of all of them.

    start and the contributions sum to `output`: boosting's log odds, calibrated, or the share of a forest's votes for
    AI (no calibration is in it: a vote is no sum of log odds).
    """

    start: float
    parts: list[Contribution]
    output: float
    unit: str


def tree_contributions(model: TreeModel, values: Mapping[str, Any]) -> TreeContributions:
    """Contributions of every feature; a missing value's indicator is counted with its feature.

    Raises InputError where the library is not installed or its parts do not sum to what the model says.
    """
    try:
        from shap import TreeExplainer
    except ImportError as error:
        raise InputError(f"Contributions of trees need the package shap ({error}); install requirements.txt.") from None
    row = model.preparation.row(values)[None]
    explainer = TreeExplainer(model.estimator, feature_perturbation="tree_path_dependent")
    shap_values = np.asarray(explainer.shap_values(row, check_additivity=False), dtype=float)
    base = float(np.ravel(explainer.expected_value)[-1])
    votes = shap_values.ndim == 3  # one value for each class: a forest
    columns = shap_values[0, :, -1] if votes else shap_values[0]
    raw = float(model.estimator.predict_proba(row)[0, 1] if votes else model.estimator.decision_function(row)[0])
    if abs(base + columns.sum() - raw) > TOLERANCE:
        raise InputError("The contributions of the trees do not add up to this answer, so none are shown.")
    summed = np.zeros(len(model.features))
    np.add.at(summed, model.preparation.owners, columns)
    if not votes:
        temperature = model.calibration.temperature
        summed, base, raw = summed / temperature, model.calibration.logit(base), model.calibration.logit(raw)
    named = ranked(model.features, model.preparation.raw(values), summed, 0.0)
    parts = [part for part in named if part[0] != INTERCEPT]
    return TreeContributions(base, parts, raw, VOTES if votes else LOG_ODDS)
