"""What each frozen threshold does to other images: how many real photos it accuses and how many AI images it misses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cgid.evaluate.intervals import cluster_share, group_codes
from cgid.evaluate.thresholds import error_rates

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
