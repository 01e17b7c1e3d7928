"""First digits of DCT coefficients: in photographs they follow a generalised Benford law, which recompression breaks.

Generalised law p(d) = b log10(1 + 1 / (g + d^a)), d = 1..9: Fu, Shi and Su, SPIE 2007; for generated images
Bonettini et al., On the use of Benford's law to detect GAN-generated images, ICPR 2020, arXiv:2004.07682. Here base 10
and one histogram of all frequencies, fitted by least squares over a fixed lattice of (a, g); b makes the sum one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

DIGITS = np.arange(1, 10)
EXPONENTS = np.round(np.arange(0.3, 3.0001, 0.05), 2)
SHIFTS = np.round(np.arange(-0.9, 2.0001, 0.05), 2)


@lru_cache(maxsize=1)
def laws() -> np.ndarray:
    """float64 (exponents * shifts, 9): every law of the lattice, exponent by exponent."""
    shifted = SHIFTS[None, :, None] + DIGITS[None, None, :] ** EXPONENTS[:, None, None]
    law = np.log10(1 + 1 / shifted)
    return (law / law.sum(axis=2, keepdims=True)).reshape(-1, 9)


@lru_cache(maxsize=1)
def _squared_norms() -> np.ndarray:
    return np.square(laws()).sum(axis=1)


@lru_cache(maxsize=4)
def _digit_of(most: int) -> np.ndarray:
    return np.array([0, *(int(str(n)[0]) for n in range(1, most + 1))])


def first_digits(counts: np.ndarray) -> np.ndarray:
    """float64 (9,): fraction of each first digit. counts: (max_value,), how often 1, 2, … occur. NaN if there are none."""
    total = counts.sum()
    if not total:
        return np.full(9, np.nan)
    return np.bincount(_digit_of(len(counts))[1:], weights=counts, minlength=10)[1:] / total


def fit_law(shares: np.ndarray) -> tuple[np.ndarray, float, float]:
    """(the nearest law, its exponent a, its shift g) by least squares."""
    every = laws()
    best = int(np.argmin(_squared_norms() - 2 * every @ shares))
    return every[best], float(EXPONENTS[best // len(SHIFTS)]), float(SHIFTS[best % len(SHIFTS)])


def divergence(shares: np.ndarray, law: np.ndarray) -> float:
    """Jensen-Shannon divergence in bits, 0..1."""
    middle = (shares + law) / 2
    return float((_relative(shares, middle) + _relative(law, middle)) / 2)


def _relative(p: np.ndarray, q: np.ndarray) -> float:
    held = p > 0
    return float((p[held] * np.log2(p[held] / q[held])).sum())
