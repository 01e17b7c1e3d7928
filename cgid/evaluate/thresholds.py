"""Thresholds and the abstain range: chosen once on calibration rows and fixed afterwards.

p < low: likely real. p >= high: likely AI. Between them: inconclusive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cgid.evaluate.calibration import Calibration
from cgid.evaluate.intervals import clustered_proportion, group_codes, wilson_bounds
from cgid.schema import ErrorRate

MAX_ERROR_RATE = 0.05  # of each class, outside the abstain range
ONE_SIDED = 1.6448536269514722  # z of a one-sided 95 % bound
MIN_WIDTH = 0.10  # of the abstain range, in probability
UNREACHABLE = float(np.nextafter(1.0, 2.0))  # a threshold above every probability


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The content of thresholds.json: calibration of logits, and thresholds of the verdicts.

    low, high: ends of the abstain range. cuts: threshold by name. calibrated_on: `counts` of the rows used for fitting.
    error_rates: of `error_rates`, None where not measured. variant: of Model B, "" elsewhere.
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
        """From the content of the file; the abstain range is required.

        Raises KeyError, TypeError, AttributeError (a value is missing or of the wrong type) or ValueError (a value is impossible).
        """
        abstain = content["inconclusive"]
        low, high, rates = float(abstain["low"]), float(abstain["high"]), content.get("error_rates")
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError("the ends of the abstain range must be numbers")
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
    def abstain_range(self) -> dict[str, float]:
        """{"low", "high"}, as in thresholds.json."""
        return {"low": self.low, "high": self.high}

    def to_dict(self) -> dict[str, Any]:
        """With the keys of thresholds.json, in its order; `variant` and `error_rates` only where there are any."""
        return {
            **({"variant": self.variant} if self.variant else {}),
            **self.calibration.to_dict(),
            "calibrated_on": self.calibrated_on,
            "thresholds": self.cuts,
            "inconclusive": self.abstain_range,
            **({} if self.error_rates is None else {"error_rates": self.error_rates}),
        }


def counts(label: np.ndarray, what: str) -> dict[str, Any]:
    """`calibrated_on` of thresholds.json: how many rows of which class. what: description of the rows."""
    return {"n": len(label), "n_real": int((label == 0).sum()), "n_ai": int((label == 1).sum()), "what": what}


def choose(label: np.ndarray, probability: np.ndarray) -> dict[str, Any]:
    """{"thresholds": {"balanced", "f1", "real_accuracy_95"}, "inconclusive": {"low", "high"}}, exact over all thresholds.

    probability: calibrated P(ai), (n,). Thresholds are midpoints of neighbouring values. `balanced` has the best
    balanced accuracy, `f1` the best F1 (ties: the threshold nearest 0.5), `real_accuracy_95` is the lowest threshold with
    at least 95 % of the real rows below it. The abstain range ends at the lowest threshold with at most 5 % of real
    photographs above it, and begins at the highest with at most 5 % of AI images below it, both by the one-sided Wilson
    bound, so few rows give a wider range; below about 52 rows of a class no threshold satisfies the bound, and the edge
    is half-way from the most extreme row to the end of the scale. It is at least 0.10 wide. With one class only,
    thresholds are 0.5 and everything is inconclusive.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    y, p = y[keep], p[keep]
    real, ai = np.sort(p[y == 0]), np.sort(p[y == 1])
    if not len(real) or not len(ai):
        names = ("balanced", "f1", "real_accuracy_95")
        return {"thresholds": dict.fromkeys(names, 0.5), "inconclusive": {"low": 0.0, "high": UNREACHABLE}}
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
        "inconclusive": _abstain_range(real, ai, cuts, false, len(ai) - true),
    }


def verdict(probability: float | None, abstain_range: dict[str, float]) -> str:
    """`likely_real`, `inconclusive` or `likely_ai`; without a probability `inconclusive`."""
    if probability is None or not np.isfinite(probability):
        return "inconclusive"
    if probability >= abstain_range["high"]:
        return "likely_ai"
    return "likely_real" if probability < abstain_range["low"] else "inconclusive"


def error_rates(
    label: np.ndarray,
    probability: np.ndarray,
    abstain_range: dict[str, float],
    groups: Any = None,
    measured_on: str = "test",
) -> dict[str, Any]:
    """How often verdicts are wrong or inconclusive, each {"value", "low", "high", "n"} with its Wilson interval.

    `likely_ai_wrong`: fraction of real photographs called likely AI. `likely_real_wrong`: fraction of AI images called
    likely real. `inconclusive_real`, `inconclusive_ai`: inconclusive fraction of each class. n: rows of that class.
    """
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    codes = group_codes(None if groups is None else np.asarray(groups, dtype=object)[keep], int(keep.sum()))
    y, p = y[keep], p[keep]
    above, below = p >= abstain_range["high"], p < abstain_range["low"]
    between = ~above & ~below

    def share(what: np.ndarray, which: np.ndarray) -> dict[str, Any]:
        return ErrorRate(clustered_proportion(what & which, which, codes), int(which.sum())).to_dict()

    return {
        "likely_ai_wrong": share(above, y == 0),
        "likely_real_wrong": share(below, y == 1),
        "inconclusive_real": share(between, y == 0),
        "inconclusive_ai": share(between, y == 1),
        "measured_on": measured_on,
    }


def _cuts(p: np.ndarray) -> np.ndarray:
    """Candidate thresholds, ascending: below all rows, midpoints of neighbours, above all rows."""
    distinct = np.unique(p)
    middle = (distinct[1:] + distinct[:-1]) / 2
    middle = np.where(middle > distinct[:-1], middle, distinct[1:])  # adjacent floats have no midpoint
    top = (distinct[-1] + 1) / 2
    return np.concatenate([[distinct[0] / 2], middle, [top if top > distinct[-1] else UNREACHABLE]])


def _best(cuts: np.ndarray, score: np.ndarray) -> float:
    tied = cuts[score >= score.max() - 1e-12]
    return float(tied[np.argmin(np.abs(tied - 0.5))])


def _abstain_range(
    real: np.ndarray, ai: np.ndarray, cuts: np.ndarray, false_positives: np.ndarray, false_negatives: np.ndarray
) -> dict[str, float]:
    high_ok = np.array([_bound(k, len(real)) <= MAX_ERROR_RATE for k in false_positives])
    low_ok = np.array([_bound(k, len(ai)) <= MAX_ERROR_RATE for k in false_negatives])
    high = float(cuts[np.argmax(high_ok)]) if high_ok.any() else (real[-1] + 1) / 2
    low = float(cuts[np.flatnonzero(low_ok)[-1]]) if low_ok.any() else ai[0] / 2
    low, high = min(low, high), max(low, high)
    if high - low < MIN_WIDTH:
        centre = np.clip((low + high) / 2, MIN_WIDTH / 2, 1 - MIN_WIDTH / 2)
        low, high = min(low, centre - MIN_WIDTH / 2), max(high, centre + MIN_WIDTH / 2)
    return {"low": float(low), "high": float(high if high > real[-1] or high_ok.any() else UNREACHABLE)}


def _bound(k: float, n: int) -> float:
    return wilson_bounds(float(k), n, ONE_SIDED)[1]
