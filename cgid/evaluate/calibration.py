"""Calibration of a model's scores: temperature and bias fitted on held-out rows, and calibration error.

Platt (1999), with his smoothed targets; Guo et al. (2017), "On Calibration of Modern Neural Networks" (temperature).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

PRIOR = 1.5  # standard deviation of the priors on log(temperature) and bias; their weight falls with more rows
EDGE = 1e-7  # probabilities are clipped to this distance from 0 and 1


@overload
def sigmoid(x: float) -> float: ...
@overload
def sigmoid(x: np.ndarray) -> np.ndarray: ...
def sigmoid(x: float | np.ndarray) -> float | np.ndarray:
    """1 / (1 + exp(-x)), 0..1, of one number or of an array of any shape (float32 stays float32); NaN stays NaN.

    Numerically stable: where exp overflows the result is 0, without a warning.
    """
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    with np.errstate(over="ignore"):
        result = 1 / (1 + np.exp(-x))
    return result if x.ndim else float(result)


@overload
def logit(probability: float, edge: float = EDGE) -> float: ...
@overload
def logit(probability: np.ndarray, edge: float = EDGE) -> np.ndarray: ...
def logit(probability: float | np.ndarray, edge: float = EDGE) -> float | np.ndarray:
    """Log odds, of one probability or of an array; values are clipped to `edge` from 0 and 1."""
    p = np.clip(np.asarray(probability, dtype=float), edge, 1 - edge)
    odds = np.log(p) - np.log1p(-p)
    return odds if p.ndim else float(odds)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps a raw logit to a calibrated one: logit / temperature + bias."""

    temperature: float = 1.0
    bias: float = 0.0

    @classmethod
    def from_dict(cls, block: Mapping[str, Any]) -> Calibration:
        """From the keys `temperature` and `bias`, 1 and 0 where they are missing.

        Raises ValueError or TypeError where they are not finite numbers, or the temperature is not above 0.
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
    """The maximum-likelihood calibration; its temperature is above 0, so the ranking is preserved.

    Smoothed targets and a weak prior around (1, 0) prevent overconfidence with few or perfectly separated rows.
    Rows that are not finite are left out; with one class only, temperature 1 and bias 0 are returned.
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

    solution = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-7, 7), (-20, 20)])
    return Calibration(float(np.exp(solution.x[0])), float(solution.x[1]))


def equal_mass_bins(probability: np.ndarray, bins: int = 15) -> np.ndarray:
    """Bin of each row, (n,): about equally many rows per bin, equal probabilities in the same bin."""
    p = np.asarray(probability, dtype=float)
    if not len(p):
        return np.empty(0, dtype=int)
    bins = max(1, min(bins, len(p) // 5 or 1))
    first = np.searchsorted(np.sort(p), p, side="left")
    return np.unique((first * bins) // len(p), return_inverse=True)[1]


def reliability(
    label: np.ndarray, probability: np.ndarray, bins: int = 15, groups: object = None
) -> list[dict[str, Any]]:
    """One entry per equal-mass bin, rising: {"probability" (mean stated), "observed" (fraction of AI), "low", "high", "n"}.

    low, high: Wilson interval of the observed fraction, on the effective sample size where rows are grouped.
    """
    from cgid.evaluate.intervals import clustered_proportion, group_codes

    keep = np.isfinite(np.asarray(label, dtype=float)) & np.isfinite(np.asarray(probability, dtype=float))
    codes = group_codes(None if groups is None else np.asarray(groups, dtype=object)[keep], int(keep.sum()))
    label, p = _finite(label, probability)
    which = equal_mass_bins(p, bins)
    table = []
    for b in range(int(which.max()) + 1 if len(which) else 0):
        inside = which == b
        seen = clustered_proportion(label * inside, inside.astype(float), codes)
        place = {"probability": float(p[inside].mean()), "observed": seen.value}
        table.append(place | {"low": seen.low, "high": seen.high, "n": int(inside.sum())})
    return table


def ece(label: np.ndarray, probability: np.ndarray, bins: int = 15) -> float | None:
    """Expected calibration error: mean gap between predicted and observed fraction over equal-mass bins; None when empty."""
    table = reliability(label, probability, bins)
    total = sum(b["n"] for b in table)
    return sum(b["n"] * abs(b["probability"] - b["observed"]) for b in table) / total if total else None


def ece_by_chance(probability: np.ndarray, bins: int = 15, draws: int = 200, seed: int = 2026) -> float | None:
    """Expected ECE of perfectly calibrated probabilities on this many rows: mean over simulated labels."""
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
