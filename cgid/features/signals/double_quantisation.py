"""Double quantisation: periodicity of DCT histograms in JPEGs, and evidence for each quality of an earlier compression.

Quantising by q1 and then by q2 makes the histogram of the second levels rise and fall with the period q1 / q2
(Lukáš and Fridrich, DFRWS 2003; Popescu and Farid, IH 2004). Here, for each of nine low-frequency modes of the luma
blocks: the histogram of the levels 1..40 on a logarithmic scale, detrended, its periodogram, and the fraction of the
energy in the strongest line, compared with that of a random histogram. This score identifies no quality; it is blind
if the second quality is lower than the first, or on a shifted grid.

Evidence by quality: a first quantisation to multiples of a step s1 fills only those values; a second one to s2 counts,
at its level k, the multiples of s1 that fall into it. For every quality of the reference encoder this predicts which
levels are full and which are empty; the likelihood of the histograms (as Fan and de Queiroz, IEEE TIP 2003, compute it
for decoded images), relative to their smoothed counts, measures how well that quality explains them. Lossless files
are handled in the same way, with narrow bins in place of s2. Blind to a first compression on another block grid, of
the same quality, or with tables unlike those of the reference encoder.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from cgid.features.signals.dct_histogram import Histogram, max_level
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag_order

MODES = 9
MAX_LEVEL = 40
MIN_COEFFICIENTS = 400
_BINS = 128


def score(counts: np.ndarray) -> float:
    """Periodicity 0..1; NaN if there are too few coefficients.

    counts: (frequencies in zig-zag order without the first, levels 1, 2, …), how often each level of a JPEG occurs.
    """
    lines = sorted(v for v in map(_strongest_period, counts[:MODES, :MAX_LEVEL]) if not math.isnan(v))
    if not lines:
        return math.nan
    # The upper half: modes where q1 divides q2 show nothing, however often the image was compressed.
    return float(np.mean(lines[len(lines) // 2 :]))


def _strongest_period(counts: np.ndarray) -> float:
    """Strength 0..1 of the strongest period in a histogram; NaN where nearly all coefficients are zero."""
    total = counts.cumsum()
    if total[-1] < MIN_COEFFICIENTS:
        return math.nan
    length = int(np.searchsorted(total, 0.98 * total[-1])) + 1
    if length < 8:
        return math.nan
    counts = counts[:length]
    rough, window, scatter = _detrending(length)
    energy = np.abs(np.fft.rfft((rough @ np.log(counts + 1)) * window, _BINS)) ** 2
    strongest = float(energy[_BINS // length + 2 :].max())
    # Counting statistics scatter log n by 1/sqrt(n); only what exceeds this is structure.
    chance = float(np.mean(1 / (counts + 1))) * scatter
    return strongest / (strongest + 12 * chance + 0.02 * length)


@lru_cache(maxsize=MAX_LEVEL)
def _detrending(length: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(matrix that removes a cubic from `length` values, Hann window, its energy)."""
    powers = np.vander(np.linspace(-1, 1, length), 4)
    window = np.hanning(length + 2)
    return np.eye(length) - powers @ np.linalg.pinv(powers), window[1:-1], float((window**2).sum())


# standard errors; one in 200 images without earlier compression reaches it, one in 40 reaches 4.5
DETECTION_THRESHOLD = 7.0
MAX_QUALITY = 98  # above it all steps are 1 or 2, which pixel rounding hides
_NOISE = 0.35  # standard deviation of a coefficient due to pixel rounding, levels
_OUTLIER_FRACTION = 0.03  # fraction of coefficients that fit no model: clipped blocks, retouching
_MISFIT = 0.1  # relative error of the smoothed counts


def evidence(histograms: list[Histogram]) -> np.ndarray:
    """float64 (100,): for qualities 1..100, standard errors by which it explains the histograms better than no earlier compression."""
    improvement, variance = np.zeros(100), np.full(100, 1e-9)
    for h in histograms:
        gain = gains(h.mode, h.step, len(h.counts))
        improvement += (h.counts - h.smooth) @ gain
        variance += (h.smooth + np.square(_MISFIT * h.smooth)) @ np.square(gain)
    improvement /= np.sqrt(variance)
    improvement[MAX_QUALITY:] = 0
    return improvement


@lru_cache(maxsize=512)
def _gains(mode: int, step: float) -> np.ndarray:
    return _of_steps(step)[:, ijg_tables("luma")[:, zigzag_order()[mode]]]


def gains(mode: int, step: float, length: int) -> np.ndarray:
    """(length, 100): log ratio of the expected counts of levels 1..length after compression with quality 1..100 to those without."""
    return _gains(mode, step)[:length]


@lru_cache(maxsize=128)
def _of_steps(second: float) -> np.ndarray:
    """(max_level(second), 256): as `gains`, by first step 0..255 (0 unused).

    Levels filled by zeros of the first step are uninformative.
    """
    level = np.arange(1, max_level(second) + 1)[:, None, None] * second
    first = np.maximum(np.arange(256), 1)[None, :, None].astype(float)
    # Multiples of the first step that can fall into this level: a few around it, as first >= second / 4.
    multiple = np.floor(level / first) + np.arange(-4, 6)
    inside = _below((level + second / 2 - multiple * first) / _NOISE)
    inside -= _below((level - second / 2 - multiple * first) / _NOISE)
    fuller = inside.sum(axis=2) * first[..., 0] / second
    silent = (level[..., 0] < first[..., 0] / 2) | (first[..., 0] < second / 4)
    return np.where(silent, 0.0, np.log((1 - _OUTLIER_FRACTION) * fuller + _OUTLIER_FRACTION)).astype(np.float32)


def _below(x: np.ndarray) -> np.ndarray:
    """Logistic curve close to the normal distribution function."""
    return 0.5 + 0.5 * np.tanh(0.8512 * x)
