"""Gaps and combs in a histogram of grey levels: a contrast stretch leaves some levels empty and doubles others.

Stamm and Liu, Blind forensics of contrast enhancement in digital images, ICIP 2008: a camera's histogram is smooth,
a mapping of 256 levels to 256 others is not.
"""

from __future__ import annotations

import numpy as np

REACH = 3  # levels to either side in which a gap must find filled ones: a stretch up to fourfold
FILLED = 8  # pixels; a level between two of them that is empty by chance alone is one in thousands


def gap_shares(histograms: np.ndarray) -> np.ndarray:
    """float64 (n,): share of empty levels among those from the darkest to the brightest filled one, of (n, 256) counts.

    Empty counts only where both sides hold at least FILLED pixels within REACH levels, so that neither a small picture
    nor a scene in two separate tones looks stretched. NaN where fewer than three levels are spanned.
    """
    filled = histograms > 0
    span = 256.0 - filled.argmax(axis=1) - filled[:, ::-1].argmax(axis=1)
    dense = np.zeros((len(histograms), 256 + 2 * REACH), bool)
    dense[:, REACH:-REACH] = histograms >= FILLED
    below = dense[:, 2:258] | dense[:, 1:257] | dense[:, :256]
    above = dense[:, 4:260] | dense[:, 5:261] | dense[:, 6:262]
    gaps = np.count_nonzero(~filled & below & above, axis=1)
    return np.where((span > 2) & filled.any(axis=1), gaps / span, np.nan)


def combs(histograms: np.ndarray) -> np.ndarray:
    """float64 (n,): how far levels differ from the mean of their two neighbours, over the sum of both.

    histograms: counts (n, 256). 0 is smooth, 1 has every second level empty. Root of summed squares, less what counting at random explains; levels 0
    and 255, where clipping piles up pixels, and their neighbours are left out. NaN without pixels there.
    """
    middle, around = histograms[:, 2:254], (histograms[:, 1:253] + histograms[:, 3:255]) / 2
    level = np.square(middle + around).sum(axis=1)
    by_chance = (middle + around / 2).sum(axis=1)
    beyond = np.maximum(np.square(middle - around).sum(axis=1) - by_chance, 0)
    return np.sqrt(np.divide(beyond, level, out=np.full(len(level), np.nan), where=level > 0))
