"""Was a JPEG compressed twice? The periodicity that a first quantisation leaves in the histograms of its coefficients.

Quantising by q1 and then by q2 makes the histogram of the second levels rise and fall with the period q1 / q2
(Lukáš and Fridrich, DFRWS 2003; Popescu and Farid, IH 2004). Here, for each of nine low-frequency modes of the luma
blocks: the histogram of the levels 1..40 on a logarithmic scale, its smooth course taken away, the periodogram of what
is left, and the share of that energy which lies in the strongest line. The share is set against what a histogram of
pure chance would give. Names no quality; blind where the second quality is lower than the first, or on a shifted grid.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

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
