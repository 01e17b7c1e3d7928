"""Where to cut: thresholds and the inconclusive band, chosen once on calibration rows and frozen there.

p < band low: likely real. p >= band high: likely AI. Between them: inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cgid.evaluate.calibration import Calibration
from cgid.evaluate.intervals import cluster_share, group_codes, wilson

PROMISE = 0.05  # at most this share of either class may be called the other one
ONE_SIDED = 1.6448536269514722  # z of a one-sided 95 % bound
LEAST_WIDTH = 0.10  # of the band, in probability
NEVER = float(np.nextafter(1.0, 2.0))  # a threshold no probability reaches


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What thresholds.json holds: how logits become probabilities, and where these are cut into verdicts.

    low, high: ends of the inconclusive band. cuts: threshold by name. calibrated_on: `counts` of the rows it was fitted
    on.
    error_rates: as `error_rates` measures them, None where nobody did. variant: of Model B, "" elsewhere.
    """

    calibration: Calibration
    low: float
    high: float
    cuts: dict[str, float] = field(default_factory=dict)
    calibrated_on: dict[str, Any] = field(default_factory=dict)
    error_rates: dict[str, Any] | None = None
    variant: str = ""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Thresholds:
        """From what the file holds; the band must be there.

        Raises KeyError, TypeError, AttributeError (a value is missing or of another kind) or ValueError (it is impossible).
        """
        band = content["inconclusive"]
        low, high, rates = float(band["low"]), float(band["high"]), content.get("error_rates")
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError("the ends of the inconclusive band must be numbers")
        return cls(
            Calibration.from_dict(content),
            low,
            high,
            dict(content.get("thresholds") or {}),
            dict(content.get("calibrated_on") or {}),
            rates if isinstance(rates, dict) else None,
            str(content.get("variant") or ""),
        )

    @property
    def band(self) -> dict[str, float]:
        return {"low": self.low, "high": self.high}

    def to_dict(self) -> dict[str, Any]:
        """With the keys of thresholds.json, in its order; `variant` and `error_rates` only where there are any."""
        return {
            **({"variant": self.variant} if self.variant else {}),
            **self.calibration.to_dict(),
            "calibrated_on": self.calibrated_on,
            "thresholds": self.cuts,
            "inconclusive": self.band,
            **({} if self.error_rates is None else {"error_rates": self.error_rates}),
        }


def counts(label: np.ndarray, what: str) -> dict[str, Any]:
    """`calibrated_on` of thresholds.json: how many rows of which class. what: the rows, in words."""
    return {"n": len(label), "n_real": int((label == 0).sum()), "n_ai": int((label == 1).sum()), "what": what}


def choose(label: np.ndarray, probability: np.ndarray) -> dict[str, Any]:
    """{"thresholds": {"balanced", "f1", "real_accuracy_95"}, "inconclusive": {"low", "high"}}, exact over all cuts.

    probability: calibrated P(ai), (n,). Cuts lie midway between neighbouring values. `balanced` has the best balanced
    accuracy, `f1` the best F1 (ties: the cut nearest 0.5), `real_accuracy_95` is the lowest cut that leaves at least
    95 % of the real rows below it. The band ends at the lowest cut for which at most 5 % of real photographs lie above,
    and begins at the highest for which at most 5 % of AI images lie below, both by the one-sided Wilson bound, so few
    rows make a wider band; below about 52 rows of a class no cut can promise that, and the edge goes half-way from the
    most extreme row to the end of the scale. It is at least 0.10 wide. With one class there is nothing to choose by:
    thresholds 0.5, and everything is inconclusive.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    y, p = y[keep], p[keep]
    real, ai = np.sort(p[y == 0]), np.sort(p[y == 1])
    if not len(real) or not len(ai):
        names = ("balanced", "f1", "real_accuracy_95")
        return {"thresholds": dict.fromkeys(names, 0.5), "inconclusive": {"low": 0.0, "high": NEVER}}
    cuts = _cuts(p)
    false = len(real) - np.searchsorted(real, cuts)
    true = len(ai) - np.searchsorted(ai, cuts)
    balanced = true / len(ai) + 1 - false / len(real)
    f1 = 2 * true / (true + false + len(ai))
    enough = (len(real) - false) >= 0.95 * len(real) - 1e-9
    return {
        "thresholds": {
            "balanced": _best(cuts, balanced),
            "f1": _best(cuts, f1),
            "real_accuracy_95": float(cuts[np.argmax(enough)]),
        },
        "inconclusive": _band(real, ai, cuts, false, len(ai) - true),
    }


def verdict(probability: float | None, band: dict[str, float]) -> str:
    """`likely_real`, `inconclusive` or `likely_ai`; without a probability `inconclusive`."""
    if probability is None or not np.isfinite(probability):
        return "inconclusive"
    if probability >= band["high"]:
        return "likely_ai"
    return "likely_real" if probability < band["low"] else "inconclusive"


def error_rates(
    label: np.ndarray,
    probability: np.ndarray,
    band: dict[str, float],
    groups: Any = None,
    measured_on: str = "test",
) -> dict[str, Any]:
    """How often the band's verdicts were wrong or withheld, each {"value", "low", "high", "n"} with its Wilson interval.

    `likely_ai_wrong`: share of real photographs called likely AI. `likely_real_wrong`: share of AI images called likely
    real. `inconclusive_real`, `inconclusive_ai`: share of each left open. n: rows of that class.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    codes = group_codes(None if groups is None else np.asarray(groups, dtype=object)[keep], int(keep.sum()))
    y, p = y[keep], p[keep]
    above, below = p >= band["high"], p < band["low"]
    between = ~above & ~below

    def share(what: np.ndarray, which: np.ndarray) -> dict[str, Any]:
        return cluster_share(what & which, which, codes) | {"n": int(which.sum())}

    return {
        "likely_ai_wrong": share(above, y == 0),
        "likely_real_wrong": share(below, y == 1),
        "inconclusive_real": share(between, y == 0),
        "inconclusive_ai": share(between, y == 1),
        "measured_on": measured_on,
    }


def _cuts(p: np.ndarray) -> np.ndarray:
    """Rising cut points: below all rows, midway between neighbours, above all rows."""
    distinct = np.unique(p)
    middle = (distinct[1:] + distinct[:-1]) / 2
    middle = np.where(middle > distinct[:-1], middle, distinct[1:])  # neighbours too close for a number between them
    top = (distinct[-1] + 1) / 2
    return np.concatenate([[distinct[0] / 2], middle, [top if top > distinct[-1] else NEVER]])


def _best(cuts: np.ndarray, score: np.ndarray) -> float:
    tied = cuts[score >= score.max() - 1e-12]
    return float(tied[np.argmin(np.abs(tied - 0.5))])


def _band(real: np.ndarray, ai: np.ndarray, cuts: np.ndarray, accused: np.ndarray, missed: np.ndarray) -> dict:
    high_ok = np.array([_bound(k, len(real)) <= PROMISE for k in accused])
    low_ok = np.array([_bound(k, len(ai)) <= PROMISE for k in missed])
    high = float(cuts[np.argmax(high_ok)]) if high_ok.any() else (real[-1] + 1) / 2
    low = float(cuts[np.flatnonzero(low_ok)[-1]]) if low_ok.any() else ai[0] / 2
    low, high = min(low, high), max(low, high)
    if high - low < LEAST_WIDTH:
        centre = np.clip((low + high) / 2, LEAST_WIDTH / 2, 1 - LEAST_WIDTH / 2)
        low, high = min(low, centre - LEAST_WIDTH / 2), max(high, centre + LEAST_WIDTH / 2)
    return {"low": float(low), "high": float(high if high > real[-1] or high_ok.any() else NEVER)}


def _bound(k: float, n: int) -> float:
    return wilson(float(k), n, ONE_SIDED)[1]
