"""A t test that knows the folds of repeated cross-validation share their training rows.

Nadeau and Bengio (2003), "Inference for the Generalization Error", Machine Learning 52: the variance of the mean over n
folds is (1/n + n_test/n_train) s², not s²/n.

Keeps chance from looking like a finding when many things are tried: Holm and Benjamini-Hochberg.

Holm (1979), Scand. J. Stat. 6; Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57.
"""

from __future__ import annotations

import numpy as np


def corrected_t(values: np.ndarray, test_over_train: float, level: float = 0.95) -> dict[str, float | None]:
    """{"mean", "low", "high", "t", "p"} of per-fold values or differences, (n,); two-sided p of a mean of 0, df n - 1.

    test_over_train: rows in the test fold over rows in training, e.g. 1/4 for five folds. Folds that are not finite
    are left out. With fewer than two folds only the mean is known. Without any spread the interval is the mean itself.
    """
    x = np.asarray(values, dtype=float)
    x = x[np.isfinite(x)]
    n = len(x)
    mean = float(x.mean()) if n else None
    if n < 2:
        return {"mean": mean, "low": None, "high": None, "t": None, "p": None}
    error = float(np.sqrt((1 / n + test_over_train) * x.var(ddof=1)))
    if error <= 1e-12:
        return {"mean": mean, "low": mean, "high": mean, "t": None, "p": 1.0 if abs(mean) <= 1e-12 else 0.0}
    from scipy.special import stdtr, stdtrit

    t = mean / error
    reach = float(stdtrit(n - 1, 0.5 + level / 2)) * error
    return {"mean": mean, "low": mean - reach, "high": mean + reach, "t": t, "p": float(2 * stdtr(n - 1, -abs(t)))}


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values that bound the chance of even one false finding, (n,); NaN stays NaN and is not counted."""
    return _adjusted(p, lambda rising, n: np.maximum.accumulate(rising * (n - np.arange(n))))


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values that bound the expected share of false findings among all findings, (n,); NaN stays NaN."""
    return _adjusted(p, lambda rising, n: np.minimum.accumulate((rising * n / np.arange(1, n + 1))[::-1])[::-1])


def _adjusted(p: np.ndarray, step) -> np.ndarray:
    p = np.asarray(p, dtype=float)
    result = np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    if len(order):
        result[order] = np.minimum(step(p[order], len(order)), 1.0)
    return result
