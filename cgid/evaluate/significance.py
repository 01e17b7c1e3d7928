"""Significance: a corrected t test for repeated cross-validation, and corrections for multiple comparisons.

The t test accounts for the overlap of training rows between folds. Nadeau and Bengio (2003), "Inference for the Generalization Error", Machine Learning 52: the variance of the mean over n
folds is (1/n + n_test/n_train) s², not s²/n.
Holm (1979), Scand. J. Stat. 6; Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def corrected_t(values: np.ndarray, test_over_train: float, level: float = 0.95) -> dict[str, float | None]:
    """{"mean", "low", "high", "t", "p"} of per-fold values or differences, (n,); two-sided p of a mean of 0, df n - 1.

    test_over_train: rows in the test fold over rows in training, e.g. 1/4 for five folds. Folds that are not finite
    are left out. With fewer than two folds only the mean is known. Without variance the interval is the mean itself.
    """
    x = np.asarray(values, dtype=float)
    x = x[np.isfinite(x)]
    n = len(x)
    if n < 2:
        return {"mean": float(x.mean()) if n else None, "low": None, "high": None, "t": None, "p": None}
    mean = float(x.mean())
    error = float(np.sqrt((1 / n + test_over_train) * x.var(ddof=1)))
    if error <= 1e-12:
        return {"mean": mean, "low": mean, "high": mean, "t": None, "p": 1.0 if abs(mean) <= 1e-12 else 0.0}
    from scipy.special import stdtr, stdtrit

    t = mean / error
    half_width = float(stdtrit(n - 1, 0.5 + level / 2)) * error
    return {
        "mean": mean,
        "low": mean - half_width,
        "high": mean + half_width,
        "t": t,
        "p": float(2 * stdtr(n - 1, -abs(t))),
    }


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values that bound the family-wise error rate, (n,); NaN stays NaN and is not counted."""
    return _adjusted(p, lambda ordered, n: np.maximum.accumulate(ordered * (n - np.arange(n))))


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values that bound the false discovery rate, (n,); NaN stays NaN."""
    return _adjusted(p, lambda ordered, n: np.minimum.accumulate((ordered * n / np.arange(1, n + 1))[::-1])[::-1])


def _adjusted(p: np.ndarray, step: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
    p = np.asarray(p, dtype=float)
    result = np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    if len(order):
        result[order] = np.minimum(step(p[order], len(order)), 1.0)
    return result
