"""JPEG ghosts: recompression changes an image least at a quality with which it was compressed before.

Farid, Exposing digital forgeries from JPEG ghosts, IEEE TIFS 2009: the squared difference between an image and its
recompressions over a range of qualities dips at an earlier quality, in the whole image or in a pasted part. Here on the
block grid of the luma and, by Parseval's theorem, in the DCT domain: recompression with steps s changes each coefficient
C by C - s round(C / s). Features use the first 15 AC frequencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from cgid.features.signals.dct_histogram import MODES, Histogram, max_level
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag_order

QUALITY_OFFSET = 6  # qualities between a ghost and those it is compared with
FREQUENCIES = tuple(int(place) for place in zigzag_order()[1 : MODES + 1])  # the first AC ones
MIN_CHANGE = 0.5  # levels²: smaller changes are rounding only


def ghost_curve(histograms: list[Histogram]) -> tuple[np.ndarray, np.ndarray]:
    """Change by recompression at quality 1..100: (ratio to that expected without earlier compression, expected change).

    float64 (100,) each. The ratio is about 1 where nothing stands out, towards 0 at an earlier quality, and NaN where
    hardly any change is expected. The change is a mean square, levels².
    """
    changed, expected, total = np.zeros(100), np.zeros(100), 0.0
    for h in histograms:
        squared = _squared(h.mode, h.step)[: len(h.counts)]
        changed += h.counts @ squared
        expected += h.smooth @ squared
        total += h.counts.sum()
    expected /= max(total, 1)
    ratio = np.divide(changed / max(total, 1), expected, out=np.full(100, np.nan), where=expected > MIN_CHANGE)
    return ratio, expected


@lru_cache(maxsize=512)
def _squared(mode: int, step: float) -> np.ndarray:
    """float32 (max_level(step), 100): squared change of 1, 2, … steps by compression with qualities 1..100."""
    size = np.arange(1, max_level(step) + 1)[:, None] * step
    steps = ijg_tables("luma")[:, zigzag_order()[mode]][None, :]
    return np.square(size - steps * np.rint(size / steps)).astype(np.float32)


def requantisation_error(dct: np.ndarray, quality: int, frequencies: Iterable[int] = FREQUENCIES) -> np.ndarray:
    """float32, without dct's first axis: mean squared change of each block's coefficients by compression at that quality.

    dct: (64, …), float32, levels. frequencies: which of the 64 are used, by row-major index. Over all 64 it is, by
    Parseval's theorem, the mean squared change of the block's pixels.
    """
    places = list(frequencies)
    steps = ijg_tables("luma")[quality - 1][places].astype(np.float32)
    total = np.zeros(dct.shape[1:], np.float32)
    left = np.empty_like(total)
    for place, step in zip(places, steps):
        np.multiply(dct[place], np.float32(1) / step, out=left)
        left -= np.rint(left)
        left *= step
        np.square(left, out=left)
        total += left
    total *= np.float32(1 / len(places))
    return total


def ghost_contrast(dct: np.ndarray, quality: int, usual: np.ndarray, tile: int) -> np.ndarray:
    """float32 (rows // tile, columns // tile): change at `quality` relative to that a little below and above it.

    dct: (8, 8, rows, columns), as `shared.block_dct` makes it.
    About 1 where the part was never compressed so, towards 0 where it was; NaN where there is too little to change.
    usual: expected change of the image without earlier compression at qualities 1..100, which normalises the ratio.
    """
    below, above = max(1, quality - QUALITY_OFFSET), min(100, quality + QUALITY_OFFSET)
    blocks = dct.reshape(64, *dct.shape[2:])
    change, *neighbours = (_tiles(requantisation_error(blocks, q), tile) for q in (quality, below, above))
    both = neighbours[0] + neighbours[1]
    without = max(usual[quality - 1], 1e-3) / max(usual[below - 1] + usual[above - 1], 2e-3)
    out = np.full(change.shape, np.nan, np.float32)
    return np.divide(change, both * np.float32(without), out=out, where=both > 2 * MIN_CHANGE)


def _tiles(values: np.ndarray, tile: int) -> np.ndarray:
    rows, columns = values.shape[0] // tile, values.shape[1] // tile
    whole = values[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile)
    return whole.mean(axis=(1, 3))
