"""Inference of Model B's linear fusion for one image: numpy and model_b.json only, so that a check starts fast.

Two variants lie in one run: `content_only` (no container, no provenance, nothing computed from them) and `all`.
Checks use `content_only` by default, since traces of the file format do not survive recompression.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cgid.artifacts import MODEL_B
from cgid.errors import InputError
from cgid.evaluate.calibration import Calibration, sigmoid
from cgid.files import read_json
from cgid.model_b.preparation import Preparation
from cgid.runs.run import Run

LINEAR_KINDS = ("linear", "logistic")  # kinds whose whole model is coefficients in model_b.json
DEFAULT_VARIANT = "content_only"
INTERCEPT = "(starting point)"  # retired word: the name in stored contributions

Contribution = tuple[str, float | None, float]


@dataclass(frozen=True)
class LinearModel:
    """variant: which of the two this is. coefficients: (columns of the preparation), per deviation of a feature."""

    variant: str
    preparation: Preparation
    coefficients: np.ndarray
    intercept: float
    calibration: Calibration

    @property
    def features(self) -> tuple[str, ...]:
        """Columns of the feature table this model reads."""
        return self.preparation.features

    @classmethod
    def load(cls, run: Run | Path | str, variant: str = DEFAULT_VARIANT) -> LinearModel:
        """Read a variant of a run; `all` where the run has no such variant. Raises InputError on a damaged file."""
        name, block = read_block(run, variant)
        return cls.from_json(name, block)

    @classmethod
    def from_json(cls, variant: str, block: Mapping[str, Any]) -> LinearModel:
        preparation = Preparation.from_json(block)
        try:
            coefficients = np.array(block["coefficients"], dtype=float)
            intercept = float(block["intercept"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"model_b.json is damaged ({error!r}); train Model B again.") from None
        if coefficients.shape != (len(preparation.columns),) or not np.isfinite([*coefficients, intercept]).all():
            raise InputError("model_b.json is damaged (its coefficients do not fit); train Model B again.")
        return cls(variant, preparation, coefficients, intercept, calibration_of(block))

    def raw_logit(self, values: Mapping[str, Any]) -> float:
        """Logit before calibration."""
        return float(self.preparation.row(values) @ self.coefficients + self.intercept)

    def raw(self, values: Mapping[str, Any]) -> float:
        """Uncalibrated P(ai), 0..1."""
        return sigmoid(self.raw_logit(values))

    def logit(self, values: Mapping[str, Any]) -> float:
        """Calibrated logit: the sum of `contributions`."""
        return math.fsum(part for *_, part in self.contributions(values))

    def probability(self, values: Mapping[str, Any]) -> float:
        """Calibrated P(ai), 0..1. values: {column: value}; what is absent, null, NaN or infinite counts as missing."""
        return sigmoid(self.logit(values))

    def contributions(self, values: Mapping[str, Any]) -> list[Contribution]:
        """(feature, its value or None where missing, what it adds to the calibrated logit), largest first.

        Positive points to AI. A missing value's indicator is counted with its feature. One entry named
        `INTERCEPT` is where the model starts before it looks: without it the sum would not be the logit.
        """
        parts = self.preparation.row(values) * self.coefficients / self.calibration.temperature
        summed = np.zeros(len(self.features))
        np.add.at(summed, self.preparation.owners, parts)
        start = self.calibration.logit(self.intercept)
        return ranked(self.features, self.preparation.raw(values), summed, start)


def ranked(features: tuple[str, ...], raw: np.ndarray, parts: np.ndarray, start: float) -> list[Contribution]:
    """Contributions in order of size, the intercept among them."""
    entries: list[Contribution] = [
        (name, float(value) if math.isfinite(value) else None, float(part))
        for name, value, part in zip(features, raw, parts)
    ]
    entries.append((INTERCEPT, None, float(start)))
    return sorted(entries, key=lambda entry: -abs(entry[2]))


def read_block(run: Run | Path | str, variant: str) -> tuple[str, dict[str, Any]]:
    """(variant found, its block of model_b.json). Raises InputError where the file is missing or damaged."""
    path = (run.folder if isinstance(run, Run) else Path(run)) / MODEL_B
    try:
        content = read_json(path)
        block = (content.get("variants") or {}).get(variant)
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path} cannot be read ({error}); train Model B again.") from None
    if isinstance(block, dict):
        return variant, {"kind": content.get("kind", "linear"), **block}
    return "all", content


def calibration_of(block: Mapping[str, Any]) -> Calibration:
    """Of a variant's block. Raises InputError where the numbers are impossible."""
    try:
        return Calibration.from_dict(block)
    except (TypeError, ValueError):
        raise InputError("model_b.json is damaged (temperature must be above 0); train Model B again.") from None
