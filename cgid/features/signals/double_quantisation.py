"""Was a JPEG compressed twice? The periodicity that a first quantisation leaves in the histograms of its coefficients.

Quantising by q1 and then by q2 makes the histogram of the second levels rise and fall with the period q1 / q2
(Lukáš and Fridrich, DFRWS 2003; Popescu and Farid, IH 2004). Here, for each of nine low-frequency modes of the luma
blocks: the histogram of the levels 1..40 on a logarithmic scale, its smooth course taken away, the periodogram of what
is left, and the share of that energy which lies in the strongest line. The share is set against what a histogram of
pure chance would give. Names no quality; blind where the second quality is lower than the first, or on a shifted grid.

Was the picture a JPEG before it was stored as it is now, and of which quality?

A first rounding to multiples of a step s1 leaves only those places filled; a second one to s2 counts, at its level k,
the multiples of s1 that fall to it (Lukáš and Fridrich, DFRWS 2003; Popescu and Farid, IH 2004). For every quality of
the reference encoder this foretells which levels are crowded and which are empty; the likelihood of the histograms
under it (as Fan and de Queiroz, IEEE TIP 2003, do for decoded pictures), against their smooth course, says how well
that quality explains them. A lossless file is treated alike, with narrow bins in place of s2.
Blind to a first compression on another block grid, of the same quality, or with tables that resemble no quality's.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from cgid.features.signals.dct_histogram import Histogram, reach_of
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag

MODES = 9
REACH = 40
LEAST_LEVELS = 400
_BINS = 128


def score(counts: np.ndarray) -> float:
    """0..1, or NaN where too few coefficients are left to judge.

    counts: (frequencies in zig-zag order without the first, levels 1, 2, …), how often each level of a JPEG occurs.
    """
    lines = sorted(v for v in map(_line, counts[:MODES, :REACH]) if not math.isnan(v))
    if not lines:
        return math.nan
    # The upper half: modes where q1 divides q2 show nothing however often the picture was saved.
    return float(np.mean(lines[len(lines) // 2 :]))


def _line(counts: np.ndarray) -> float:
    """Strength 0..1 of the strongest period in a histogram; NaN where nearly all coefficients are zero."""
    total = counts.cumsum()
    if total[-1] < LEAST_LEVELS:
        return math.nan
    reach = int(np.searchsorted(total, 0.98 * total[-1])) + 1
    if reach < 8:
        return math.nan
    counts = counts[:reach]
    rough, window, scatter = _tools(reach)
    energy = np.abs(np.fft.rfft((rough @ np.log(counts + 1)) * window, _BINS)) ** 2
    strongest = float(energy[_BINS // reach + 2 :].max())
    # Counting alone scatters a logarithm of n by 1/sqrt(n); only what stands above that is structure.
    chance = float(np.mean(1 / (counts + 1))) * scatter
    return strongest / (strongest + 12 * chance + 0.02 * reach)


@lru_cache(maxsize=REACH)
def _tools(reach: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(matrix that takes a cubic away from `reach` values, Hann window, its energy)."""
    powers = np.vander(np.linspace(-1, 1, reach), 4)
    window = np.hanning(reach + 2)
    return np.eye(reach) - powers @ np.linalg.pinv(powers), window[1:-1], float((window**2).sum())


SEEN = 7.0  # standard errors; one in 200 pictures without a former compression reaches it, one in 40 reaches 4.5
FINEST = 98  # above it all steps are 1 or 2, which rounding the pixels hides
_NOISE = 0.35  # of a coefficient after rounding the pixels in between, levels
_STRAY = 0.03  # share of coefficients that follow no model: clipped blocks, retouching
_MISFIT = 0.1  # relative error of the smooth course


def evidence(found: list[Histogram]) -> np.ndarray:
    """float64 (100,): for qualities 1..100, standard errors by which each explains the histograms better than none."""
    gained, variance = np.zeros(100), np.full(100, 1e-9)
    for h in found:
        gain = gains(h.mode, h.step, len(h.counts))
        gained += (h.counts - h.smooth) @ gain
        variance += (h.smooth + np.square(_MISFIT * h.smooth)) @ np.square(gain)
    gained /= np.sqrt(variance)
    gained[FINEST:] = 0
    return gained


@lru_cache(maxsize=512)
def _gains(mode: int, step: float) -> np.ndarray:
    return _of_steps(step)[:, ijg_tables("luma")[:, zigzag()[mode]]]


def gains(mode: int, step: float, reach: int) -> np.ndarray:
    """(reach, 100): log of how much fuller each level 1..reach is, had the picture been saved with quality 1..100."""
    return _gains(mode, step)[:reach]


@lru_cache(maxsize=128)
def _of_steps(second: float) -> np.ndarray:
    """(reach_of(second), 256): as `gains`, by first step 0..255 (0 unused).

    Levels that the first step's zeros fill say nothing.
    """
    level = np.arange(1, reach_of(second) + 1)[:, None, None] * second
    first = np.maximum(np.arange(256), 1)[None, :, None].astype(float)
    # Multiples of the first step that can fall to this level: a few around it, as first >= second / 4.
    multiple = np.floor(level / first) + np.arange(-4, 6)
    inside = _below((level + second / 2 - multiple * first) / _NOISE)
    inside -= _below((level - second / 2 - multiple * first) / _NOISE)
    fuller = inside.sum(axis=2) * first[..., 0] / second
    silent = (level[..., 0] < first[..., 0] / 2) | (first[..., 0] < second / 4)
    return np.where(silent, 0.0, np.log((1 - _STRAY) * fuller + _STRAY)).astype(np.float32)


def _below(x: np.ndarray) -> np.ndarray:
    """Logistic curve close to the normal distribution function."""
    return 0.5 + 0.5 * np.tanh(0.8512 * x)
