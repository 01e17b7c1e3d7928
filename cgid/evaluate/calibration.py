"""Makes a model's number a probability: temperature and bias on rows kept for nothing else, and how far off it is.

Platt (1999), with his smoothed targets; Guo et al. (2017), "On Calibration of Modern Neural Networks" (temperature).
"""

from __future__ import annotations

import numpy as np

PRIOR = 1.5  # deviation of log(temperature) and of the bias before any row is seen; fades as rows come in


def sigmoid(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def logit_of(probability: np.ndarray) -> np.ndarray:
    """Log odds, (n,); probabilities of exactly 0 and 1 stand for 1e-7 from the end."""
    p = np.clip(np.asarray(probability, dtype=float), 1e-7, 1 - 1e-7)
    return np.log(p) - np.log1p(-p)


def apply(logit: np.ndarray, temperature: float = 1.0, bias: float = 0.0) -> np.ndarray:
    """Calibrated P(ai) = sigmoid(logit / temperature + bias), shape of `logit`."""
    return sigmoid(np.asarray(logit, dtype=float) / temperature + bias)


def fit_temperature(logit: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """(temperature > 0, bias) that make sigmoid(logit / temperature + bias) most likely; the order never turns round.

    Smoothed targets and a weak prior around (1, 0) keep few or perfectly separated rows from ending in certainty.
    Rows that are not finite are left out; with one class only nothing can be learnt and (1, 0) is returned.
    """
    x, y = np.asarray(logit, dtype=float), np.asarray(label, dtype=float)
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    positives, negatives = float(np.sum(y == 1)), float(np.sum(y == 0))
    if not positives or not negatives:
        return 1.0, 0.0
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
    return float(np.exp(found.x[0])), float(found.x[1])


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
