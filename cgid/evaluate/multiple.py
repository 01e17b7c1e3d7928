"""Keeps chance from looking like a finding when many things are tried: Holm and Benjamini-Hochberg.

Holm (1979), Scand. J. Stat. 6; Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57.
"""

from __future__ import annotations

import numpy as np


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
