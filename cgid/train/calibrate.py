"""Freezes what turns logits into verdicts: temperature, bias, thresholds and the inconclusive band.

Fitted on the calibration half of the validation rows and on nothing else; how often it errs is measured on test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.calibration import apply, fit_temperature
from cgid.evaluate.metrics import summary
from cgid.evaluate.thresholds import choose, error_rates

EXTERNAL = "external_"  # tables of other data sets are named so
HEADLINE = "balanced"  # the threshold that figures and matrices use


def freeze(half: pd.DataFrame, what: str) -> dict[str, Any]:
    """thresholds.json without error rates. half: predictions of the calibration rows (label, logit)."""
    label, logit = half["label"].to_numpy(), half["logit"].to_numpy()
    temperature, bias = fit_temperature(logit, label)
    chosen = choose(label, apply(logit, temperature, bias))
    counts = {"n": len(half), "n_real": int((label == 0).sum()), "n_ai": int((label == 1).sum()), "what": what}
    return {"temperature": temperature, "bias": bias, "calibrated_on": counts, **chosen}


def probability(frozen: dict[str, Any], logit: np.ndarray) -> np.ndarray:
    """Calibrated P(ai), (n,)."""
    return apply(logit, frozen["temperature"], frozen["bias"])


def errors_of(frozen: dict[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """How often the band's verdicts are wrong on the table `test`; under `elsewhere` by name on each `external_<name>`."""

    def rates(table: pd.DataFrame, name: str) -> dict[str, Any]:
        return error_rates(table["label"], table["calibrated"], frozen["inconclusive"], table["group"], name)

    outside = {k.removeprefix(EXTERNAL): t for k, t in tables.items() if k.startswith(EXTERNAL)}
    return rates(tables["test"], "test") | {"elsewhere": {name: rates(t, name) for name, t in outside.items()}}


def figures(frozen: dict[str, Any], predictions: pd.DataFrame) -> dict[str, Any]:
    """Block of figures with intervals by group, of calibrated probabilities at the frozen threshold."""
    return summary(
        predictions["label"].to_numpy(),
        predictions["calibrated"].to_numpy(),
        threshold=frozen["thresholds"][HEADLINE],
        groups=predictions["group"].to_numpy(),
    )
