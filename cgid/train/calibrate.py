"""Freezes what turns logits into verdicts: temperature, bias, thresholds and the inconclusive band.

Fitted on the calibration half of the validation rows and on nothing else; how often it errs is measured on test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.calibration import Calibration, fit_temperature
from cgid.evaluate.metrics import summary
from cgid.evaluate.thresholds import Thresholds, choose, counts, error_rates
from cgid.schema import external_name

HEADLINE = "balanced"  # the threshold that figures and matrices use


def freeze(half: pd.DataFrame, what: str) -> dict[str, Any]:
    """thresholds.json without error rates. half: predictions of the calibration rows (label, logit)."""
    label, logit = half["label"].to_numpy(), half["logit"].to_numpy()
    calibration = fit_temperature(logit, label)
    chosen = choose(label, calibration.probability(logit))
    band = chosen["inconclusive"]
    return Thresholds(
        calibration, band["low"], band["high"], cuts=chosen["thresholds"], calibrated_on=counts(label, what)
    ).to_dict()


def probability(frozen: dict[str, Any], logit: np.ndarray) -> np.ndarray:
    """Calibrated P(ai), (n,)."""
    return Calibration.from_dict(frozen).probability(logit)


def errors_of(frozen: dict[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """How often the band's verdicts are wrong on the table `test`; under `elsewhere` by name on each `external_<name>`."""

    def rates(table: pd.DataFrame, name: str) -> dict[str, Any]:
        return error_rates(table["label"], table["calibrated"], frozen["inconclusive"], table["group"], name)

    outside = {name: t for k, t in tables.items() if (name := external_name(k)) is not None}
    return rates(tables["test"], "test") | {"elsewhere": {name: rates(t, name) for name, t in outside.items()}}


def figures(frozen: dict[str, Any], predictions: pd.DataFrame) -> dict[str, Any]:
    """Block of figures with intervals by group, of calibrated probabilities at the frozen threshold."""
    return summary(
        predictions["label"].to_numpy(),
        predictions["calibrated"].to_numpy(),
        threshold=frozen["thresholds"][HEADLINE],
        groups=predictions["group"].to_numpy(),
    )
