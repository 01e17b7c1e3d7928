"""Operating points: fitting calibration and thresholds, and the error rates of each fixed threshold on other images.

Temperature, bias, thresholds and the abstain range are fitted on the calibration half of the validation rows only; error
rates are measured on test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.calibration import Calibration, fit_temperature
from cgid.evaluate.intervals import clustered_proportion, group_codes
from cgid.evaluate.metrics import summary
from cgid.evaluate.thresholds import Thresholds, choose, counts, error_rates
from cgid.schema import ErrorRate, external_name

POINTS = ("balanced", "real_accuracy_95", "f1")
ABSTAIN_KEY = "inconclusive"


def operating_points(
    label: np.ndarray, probability: np.ndarray, thresholds: Mapping[str, Any], groups: Any = None
) -> list[dict[str, Any]]:
    """One entry per threshold of thresholds.json, then the abstain range: {"point", "from", "accused", "missed", …}.

    label: 0/1, (n,). probability: calibrated P(ai), (n,). from: the threshold. accused (FPR), missed (FNR), and for the
    abstain range `open_real`, `open_ai`: {"value", "low", "high", "n"}, rates over the real or the AI rows with Wilson
    intervals by group. Thresholds missing from thresholds.json are left out.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    groups = None if groups is None else np.asarray(groups, dtype=object)[keep]
    y, p = y[keep], p[keep]
    codes = group_codes(groups, len(y))
    named, abstain = thresholds.get("thresholds") or {}, thresholds.get(ABSTAIN_KEY) or {}
    points: list[dict[str, Any]] = []
    for name in POINTS:
        if (threshold := named.get(name)) is not None and _number(threshold):
            accused, missed = _proportion((p >= threshold), y == 0, codes), _proportion(p < threshold, y == 1, codes)
            points.append({"point": name, "from": float(threshold), "accused": accused, "missed": missed})
    if _number(abstain.get("low")) and _number(abstain.get("high")):
        rates = error_rates(y, p, abstain, groups)
        points.append({
            "point": ABSTAIN_KEY, "from": float(abstain["high"]), "to": float(abstain["low"]),
            "accused": rates["likely_ai_wrong"], "missed": rates["likely_real_wrong"],
            "open_real": rates["inconclusive_real"], "open_ai": rates["inconclusive_ai"],
        })  # fmt: skip
    return points


def _proportion(what: np.ndarray, which: np.ndarray, codes: np.ndarray) -> dict[str, Any]:
    return ErrorRate(clustered_proportion(what & which, which, codes), int(which.sum())).to_dict()


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


DEFAULT_POINT = "balanced"  # the threshold of metrics and confusion matrices


def fit_thresholds(rows: pd.DataFrame, what: str) -> dict[str, Any]:
    """The content of thresholds.json without error rates. rows: predictions of the calibration rows (label, logit)."""
    label, logit = rows["label"].to_numpy(), rows["logit"].to_numpy()
    calibration = fit_temperature(logit, label)
    choice = choose(label, calibration.probability(logit))
    abstain = choice["inconclusive"]
    return Thresholds(
        calibration, abstain["low"], abstain["high"], cuts=choice["thresholds"], calibrated_on=counts(label, what)
    ).to_dict()


def probability(thresholds: dict[str, Any], logit: np.ndarray) -> np.ndarray:
    """Calibrated P(ai), (n,)."""
    return Calibration.from_dict(thresholds).probability(logit)


def errors_of(thresholds: dict[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Error rates of the verdicts on the table `test`; under `elsewhere`, by name, on each `external_<name>`."""

    def rates(table: pd.DataFrame, name: str) -> dict[str, Any]:
        return error_rates(table["label"], table["calibrated"], thresholds["inconclusive"], table["group"], name)

    outside = {name: t for k, t in tables.items() if (name := external_name(k)) is not None}
    return rates(tables["test"], "test") | {"elsewhere": {name: rates(t, name) for name, t in outside.items()}}


def metrics(thresholds: dict[str, Any], predictions: pd.DataFrame) -> dict[str, Any]:
    """Metrics with intervals by group, of calibrated probabilities at the fixed threshold."""
    return summary(
        predictions["label"].to_numpy(),
        predictions["calibrated"].to_numpy(),
        threshold=thresholds["thresholds"][DEFAULT_POINT],
        groups=predictions["group"].to_numpy(),
    )
