"""Was the picture a JPEG before it was stored as it is now, and of which quality?

A first rounding to multiples of a step s1 leaves only those places filled; a second one to s2 counts, at its level k,
the multiples of s1 that fall to it (Lukáš and Fridrich, DFRWS 2003; Popescu and Farid, IH 2004). For every quality of
the reference encoder this foretells which levels are crowded and which are empty; the likelihood of the histograms
under it (as Fan and de Queiroz, IEEE TIP 2003, do for decoded pictures), against their smooth course, says how well
that quality explains them. A lossless file is treated alike, with narrow bins in place of s2.
Blind to a first compression on another block grid, of the same quality, or with tables that resemble no quality's.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cgid.features.parsers.quantisation import ijg_tables, zigzag
from cgid.features.statistics.dct_histogram import Histogram, reach_of

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
