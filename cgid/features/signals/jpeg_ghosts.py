"""JPEG ghosts: where saving the picture again with some quality changes it least, it had that quality before.

Farid, Exposing digital forgeries from JPEG ghosts, IEEE TIFS 2009: the squared difference between a picture and its
re-saves over a range of qualities dips at an earlier quality, in the whole picture or in the part that was pasted in.
Here on the luma's own block grid and, by Parseval's theorem, in the DCT domain: re-saving with steps s leaves the
difference C - s round(C / s) of each coefficient. Features look at the first 15 AC frequencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from cgid.features.signals.dct_histogram import MODES, Histogram, reach_of
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag

APART = 6  # qualities between a ghost and those it is held against
FREQUENCIES = tuple(int(place) for place in zigzag()[1 : MODES + 1])  # the first AC ones
LEAST_CHANGE = 0.5  # levels²: where re-saving changes less, its rounding is all there is


def curve(found: list[Histogram]) -> tuple[np.ndarray, np.ndarray]:
    """Change by re-saving at quality 1..100: (as a share of what a picture without history would show, that change).

    float64 (100,) each. The share is about 1 where nothing stands out, towards 0 at an earlier quality, and NaN where
    even a picture without history would hardly change. The change is a mean square, levels².
    """
    changed, expected, total = np.zeros(100), np.zeros(100), 0.0
    for h in found:
        squared = _squared(h.mode, h.step)[: len(h.counts)]
        changed += h.counts @ squared
        expected += h.smooth @ squared
        total += h.counts.sum()
    expected /= max(total, 1)
    share = np.divide(changed / max(total, 1), expected, out=np.full(100, np.nan), where=expected > LEAST_CHANGE)
    return share, expected


@lru_cache(maxsize=512)
def _squared(mode: int, step: float) -> np.ndarray:
    """float32 (reach_of(step), 100): squared change of 1, 2, … steps when saved with qualities 1..100."""
    size = np.arange(1, reach_of(step) + 1)[:, None] * step
    again = ijg_tables("luma")[:, zigzag()[mode]][None, :]
    return np.square(size - again * np.rint(size / again)).astype(np.float32)


def requantisation_error(dct: np.ndarray, quality: int, frequencies: Iterable[int] = FREQUENCIES) -> np.ndarray:
    """float32, without dct's first axis: mean squared change of each block's coefficients by saving at that quality.

    dct: (64, …), float32, levels. frequencies: which of the 64 count, by their place in it. Over all 64 it is, by
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


def contrast(dct: np.ndarray, quality: int, usual: np.ndarray, tile: int) -> np.ndarray:
    """float32 (rows // tile, columns // tile): change at `quality` over that a little below and above it.

    dct: (8, 8, rows, columns), as `shared.block_dct` makes it.
    About 1 where the part was never saved so, towards 0 where it was; NaN where there is too little to change.
    usual: change of the whole picture, had it no history, at qualities 1..100, which the ratio is set against.
    """
    below, above = max(1, quality - APART), min(100, quality + APART)
    blocks = dct.reshape(64, *dct.shape[2:])
    own, *around = (_tiles(requantisation_error(blocks, q), tile) for q in (quality, below, above))
    both = around[0] + around[1]
    without = max(usual[quality - 1], 1e-3) / max(usual[below - 1] + usual[above - 1], 2e-3)
    out = np.full(own.shape, np.nan, np.float32)
    return np.divide(own, both * np.float32(without), out=out, where=both > 2 * LEAST_CHANGE)


def _tiles(values: np.ndarray, tile: int) -> np.ndarray:
    rows, columns = values.shape[0] // tile, values.shape[1] // tile
    whole = values[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile)
    return whole.mean(axis=(1, 3))
