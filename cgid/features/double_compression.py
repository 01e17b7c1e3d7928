"""Was a JPEG compressed twice? The periodicity that a first quantisation leaves in the histograms of its coefficients.

Quantising by q1 and then by q2 makes the histogram of the second levels rise and fall with the period q1 / q2
(Lukáš and Fridrich, DFRWS 2003; Popescu and Farid, IH 2004). Here, for each of nine low-frequency modes of the luma
blocks: the levels' histogram in -40..40 on a logarithmic scale, its smooth course taken away, the periodogram of what
is left, and the share of that energy which lies in the strongest line and its neighbours. The share is set against
what a histogram of pure chance would give. Blind where the second quality is lower than the first, or on a shifted grid.
"""

from __future__ import annotations

import math

import numpy as np

from cgid.features.quantisation import zigzag

MODES = tuple(range(1, 10))
REACH = 40
LEAST_LEVELS = 400


def block_dct(gray: np.ndarray) -> np.ndarray:
    """float64 (blocks, 8, 8): orthonormal DCT-II of the whole 8x8 blocks of a luma plane 0..255, level-shifted."""
    height, width = gray.shape[0] // 8 * 8, gray.shape[1] // 8 * 8
    blocks = gray[:height, :width].astype(np.float64).reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2) - 128
    k = np.arange(8)
    basis = np.cos(np.pi * (2 * k[None, :] + 1) * k[:, None] / 16) * np.where(k[:, None] == 0, math.sqrt(1 / 8), 0.5)
    return np.einsum("ui,abij,vj->abuv", basis, blocks, basis, optimize=True).reshape(-1, 8, 8)


def score(gray: np.ndarray, table: tuple[int, ...]) -> float:
    """0..1, or NaN where too few coefficients are left to judge.

    gray: luma on the file's block grid, 0..255. table: its luma quantisation table, zig-zag order.
    """
    if min(gray.shape) < 8:
        return math.nan
    coefficients = block_dct(gray).reshape(-1, 64)
    places = zigzag()
    lines = [_line(np.round(coefficients[:, places[mode]] / table[mode]).astype(int)) for mode in MODES if table[mode]]
    lines = sorted(v for v in lines if not math.isnan(v))
    if not lines:
        return math.nan
    # The upper half: modes where q1 divides q2 show nothing however often the picture was saved.
    return float(np.mean(lines[len(lines) // 2 :]))


def _line(levels: np.ndarray) -> float:
    """Strength 0..1 of the strongest period in the histogram of quantised levels; NaN where nearly all are zero."""
    levels = levels[(np.abs(levels) <= REACH) & (levels != 0)]
    if len(levels) < LEAST_LEVELS:
        return math.nan
    counts = np.bincount(np.abs(levels), minlength=REACH + 1)[1:].astype(np.float64)
    reach = int(np.searchsorted(np.cumsum(counts), 0.98 * len(levels))) + 1
    if reach < 8:
        return math.nan
    course = np.log(counts[:reach] + 1)
    x = np.linspace(-1, 1, reach)
    rest = course - np.polynomial.polynomial.polyval(x, np.polynomial.polynomial.polyfit(x, course, 3))
    energy = np.abs(np.fft.rfft(rest * np.hanning(reach + 2)[1:-1], 128)) ** 2
    energy = energy[128 // reach + 2 :]
    # Counting alone scatters a logarithm of n by 1/sqrt(n); only what stands above that is structure.
    chance = float(np.mean(1 / (counts[:reach] + 1)) * (np.hanning(reach + 2) ** 2).sum())
    return float(energy.max() / (energy.max() + 12 * chance + 0.02 * reach))
