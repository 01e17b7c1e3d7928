"""What each frozen threshold does to other images: how many real photos it accuses and how many AI images it misses.

Freezes what turns logits into verdicts: temperature, bias, thresholds and the inconclusive band.

Fitted on the calibration half of the validation rows and on nothing else; how often it errs is measured on test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgid.evaluate.calibration import Calibration, fit_temperature
from cgid.evaluate.intervals import cluster_share, group_codes
from cgid.evaluate.metrics import summary
from cgid.evaluate.thresholds import Thresholds, choose, counts, error_rates
from cgid.schema import external_name

POINTS = ("balanced", "real_accuracy_95", "f1")
BAND = "inconclusive"


def operating_points(
    label: np.ndarray, probability: np.ndarray, frozen: Mapping[str, Any], groups: Any = None
) -> list[dict[str, Any]]:
    """One entry per threshold of thresholds.json, then the band: {"point", "from", "accused", "missed", …}.

    label: 0/1, (n,). probability: calibrated P(ai), (n,). from: says AI from here on. accused, missed, and for the band
    `open_real`, `open_ai`: {"value", "low", "high", "n"}, shares of the real or of the AI rows with Wilson intervals by
    group. What thresholds.json does not hold is left out.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    groups = None if groups is None else np.asarray(groups, dtype=object)[keep]
    y, p = y[keep], p[keep]
    codes = group_codes(groups, len(y))
    named, band = frozen.get("thresholds") or {}, frozen.get(BAND) or {}
    points: list[dict[str, Any]] = []
    for name in POINTS:
        if _number(cut := named.get(name)):
            accused, missed = _share((p >= cut), y == 0, codes), _share(p < cut, y == 1, codes)
            points.append({"point": name, "from": float(cut), "accused": accused, "missed": missed})
    if _number(band.get("low")) and _number(band.get("high")):
        rates = error_rates(y, p, band, groups)
        points.append({
            "point": BAND, "from": float(band["high"]), "to": float(band["low"]),
            "accused": rates["likely_ai_wrong"], "missed": rates["likely_real_wrong"],
            "open_real": rates["inconclusive_real"], "open_ai": rates["inconclusive_ai"],
        })  # fmt: skip
    return points


def _share(what: np.ndarray, which: np.ndarray, codes: np.ndarray) -> dict[str, Any]:
    return cluster_share(what & which, which, codes) | {"n": int(which.sum())}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


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
