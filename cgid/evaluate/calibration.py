"""Makes a model's number a probability: temperature and bias on rows kept for nothing else, and how far off it is.

Platt (1999), with his smoothed targets; Guo et al. (2017), "On Calibration of Modern Neural Networks" (temperature).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

PRIOR = 1.5  # deviation of log(temperature) and of the bias before any row is seen; fades as rows come in
EDGE = 1e-7  # probabilities of exactly 0 and 1 stand for this far from the end


@overload
def sigmoid(x: float) -> float: ...
@overload
def sigmoid(x: np.ndarray) -> np.ndarray: ...
def sigmoid(x: float | np.ndarray) -> float | np.ndarray:
    """1 / (1 + exp(-x)), 0..1, of one number or of an array of any shape (float32 stays float32); NaN stays NaN.

    Stable at both ends: where exp overflows the result is the 0 that it should be, without a warning.
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    with np.errstate(over="ignore"):
        share = 1 / (1 + np.exp(-x))
    return share if x.ndim else float(share)


@overload
def logit(probability: float, edge: float = EDGE) -> float: ...
@overload
def logit(probability: np.ndarray, edge: float = EDGE) -> np.ndarray: ...
def logit(probability: float | np.ndarray, edge: float = EDGE) -> float | np.ndarray:
    """Log odds, of one probability or of an array; those within `edge` of 0 or 1 count as that far from the end."""
    p = np.clip(np.asarray(probability, dtype=float), edge, 1 - edge)
    odds = np.log(p) - np.log1p(-p)
    return odds if p.ndim else float(odds)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Makes a raw logit a calibrated one: logit / temperature + bias."""

    temperature: float = 1.0
    bias: float = 0.0

    @classmethod
    def from_dict(cls, block: Mapping[str, Any]) -> Calibration:
        """From the keys `temperature` and `bias`, 1 and 0 where they are missing.

        Raises ValueError or TypeError where they are no finite numbers, or the temperature is not above 0.
        """
        temperature, bias = float(block.get("temperature", 1.0)), float(block.get("bias", 0.0))
        if not (math.isfinite(temperature) and temperature > 0 and math.isfinite(bias)):
            raise ValueError(f"temperature {temperature} must be above 0, bias {bias} a number")
        return cls(temperature, bias)

    def to_dict(self) -> dict[str, float]:
        return {"temperature": self.temperature, "bias": self.bias}

    @overload
    def logit(self, x: float) -> float: ...
    @overload
    def logit(self, x: np.ndarray) -> np.ndarray: ...
    def logit(self, x: float | np.ndarray) -> float | np.ndarray:
        """Calibrated logit of a raw one, or of an array of them."""
        return x / self.temperature + self.bias

    @overload
    def probability(self, x: float) -> float: ...
    @overload
    def probability(self, x: np.ndarray) -> np.ndarray: ...
    def probability(self, x: float | np.ndarray) -> float | np.ndarray:
        """Calibrated P(ai), 0..1, of a raw logit, or of an array of them (float64)."""
        return sigmoid(self.logit(np.asarray(x, dtype=float)))


def fit_temperature(logit: np.ndarray, label: np.ndarray) -> Calibration:
    """The calibration under which the labels are most likely; its temperature is above 0, so no order turns round.

    Smoothed targets and a weak prior around (1, 0) keep few or perfectly separated rows from ending in certainty.
    Rows that are not finite are left out; with one class only nothing can be learnt and temperature 1, bias 0 are returned.
    """
    x, y = np.asarray(logit, dtype=float), np.asarray(label, dtype=float)
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    positives, negatives = float(np.sum(y == 1)), float(np.sum(y == 0))
    if not positives or not negatives:
        return Calibration()
    from scipy.optimize import minimize

    target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        slope = np.exp(-theta[0])
        z = x * slope + theta[1]
        value = np.sum(np.logaddexp(0, z) - target * z) + np.sum(theta**2) / (2 * PRIOR**2)
        pull = sigmoid(z) - target
        gradient = np.array([-np.sum(pull * x) * slope, np.sum(pull)]) + theta / PRIOR**2
        return value / len(x), gradient / len(x)

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-7, 7), (-20, 20)])
    return Calibration(float(np.exp(found.x[0])), float(found.x[1]))


def equal_mass_bins(probability: np.ndarray, bins: int = 15) -> np.ndarray:
    """Bin of each row, (n,): about as many rows in each, equal probabilities always in the same one."""
    p = np.asarray(probability, dtype=float)
    if not len(p):
        return np.empty(0, dtype=int)
    bins = max(1, min(bins, len(p) // 5 or 1))
    first = np.searchsorted(np.sort(p), p, side="left")
    return np.unique((first * bins) // len(p), return_inverse=True)[1]


def reliability(
    label: np.ndarray, probability: np.ndarray, bins: int = 15, groups: object = None
) -> list[dict[str, float]]:
    """One entry per equal-mass bin, rising: {"probability" (mean stated), "observed" (share of AI), "low", "high", "n"}.

    low, high: Wilson interval of the observed share, on the effective number of groups where rows belong together.
    """
    from cgid.evaluate.intervals import cluster_share, group_codes

    keep = np.isfinite(np.asarray(label, dtype=float)) & np.isfinite(np.asarray(probability, dtype=float))
    codes = group_codes(None if groups is None else np.asarray(groups, dtype=object)[keep], int(keep.sum()))
    label, p = _finite(label, probability)
    which = equal_mass_bins(p, bins)
    table = []
    for b in range(int(which.max()) + 1 if len(which) else 0):
        inside = which == b
        seen = cluster_share(label * inside, inside.astype(float), codes)
        place = {"probability": float(p[inside].mean()), "observed": seen["value"]}
        table.append(place | {"low": seen["low"], "high": seen["high"], "n": int(inside.sum())})
    return table


def ece(label: np.ndarray, probability: np.ndarray, bins: int = 15) -> float | None:
    """Expected calibration error: mean gap between stated and observed share over equal-mass bins; None when empty."""
    table = reliability(label, probability, bins)
    total = sum(b["n"] for b in table)
    return sum(b["n"] * abs(b["probability"] - b["observed"]) for b in table) / total if total else None


def ece_by_chance(probability: np.ndarray, bins: int = 15, draws: int = 200, seed: int = 2026) -> float | None:
    """The ECE that probabilities which mean just what they say would show on so few rows: mean over drawn labels."""
    p = np.asarray(probability, dtype=float)
    p = p[np.isfinite(p)]
    if not len(p):
        return None
    which = equal_mass_bins(p, bins)
    random = np.random.default_rng(seed)
    gaps = [np.abs(np.bincount(which, weights=p - (random.random(len(p)) < p))).sum() for _ in range(draws)]
    return float(np.mean(gaps) / len(p))


def _finite(label: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y, p = np.asarray(label, dtype=float), np.asarray(probability, dtype=float)
    keep = np.isfinite(y) & np.isfinite(p)
    return y[keep], p[keep]
