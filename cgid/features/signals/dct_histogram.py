"""Histograms of an image's DCT coefficients: quantisation empties the bins between multiples of its step.

All traces of earlier compression are derived from them. `smooth_counts` estimates a histogram without such traces, as a
reference for deviations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals import block_grid, shared
from cgid.fileformat.quantisation_tables import zigzag_order

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MODES = 15  # frequencies 1..15 in zig-zag order; higher ones are nearly all zero
LOSSLESS_STEP = 0.5  # bin width for formats that do not quantise coefficients
MIN_COEFFICIENTS = 100  # non-zero coefficients that a histogram needs
_MAX_LEVEL, _LOSSLESS_MAX_LEVEL = 64, 160


@dataclass(frozen=True, slots=True)
class Histogram:
    """One frequency. mode: index in zig-zag order. step: of the file's table, or LOSSLESS_STEP.

    counts: float64 (length,), how often the magnitudes 1, 2, … steps occur, up to the level that covers 98 % of them.
    smooth: float64 (length,), smoothed counts with the same sum.
    """

    mode: int
    step: float
    counts: np.ndarray
    smooth: np.ndarray


def aligned_dct(image: ImageFile) -> np.ndarray:
    """`shared.block_dct`; for other formats than JPEG, on the block grid detected, as the image may have been cropped."""
    grid = image.cached(block_grid.from_image) if image.format != "JPEG" else None
    row, column = (grid.rows.start, grid.columns.start) if grid else (None, None)
    # Both directions must be reliable: a wrong grid shows nothing at all.
    if row is None or column is None or row == column == 0:
        return image.cached(shared.block_dct)
    return shared.dct_of_blocks(image.cached(shared.stored_luma)[row:, column:])


def file_steps(image: ImageFile) -> tuple[float, ...]:
    """Steps of frequencies 1..MODES: of the luma table of a JPEG, else LOSSLESS_STEP."""
    table = image.jpeg.luma_table if image.format == "JPEG" else None
    return tuple(float(max(step, 1)) for step in table[1 : MODES + 1]) if table else (LOSSLESS_STEP,) * MODES


def coefficient_levels(image: ImageFile) -> np.ndarray:
    """int32 (MODES, blocks): magnitude of each coefficient in steps of `file_steps`, rounded, at most max_level + 1."""
    dct = image.cached(aligned_dct)
    chosen = dct.reshape(64, -1)[zigzag_order()[1 : MODES + 1]]
    steps = np.array(image.cached(file_steps), np.float32)
    chosen *= (np.float32(1) / steps)[:, None]
    np.abs(chosen, out=chosen)
    np.minimum(chosen, np.float32(max_level(image.cached(file_steps)[0]) + 1), out=chosen)
    return np.rint(chosen, out=chosen).astype(np.int32)


def level_counts(image: ImageFile) -> np.ndarray:
    """float64 (MODES, max_level): how often the magnitudes 1..max_level occur at each frequency."""
    limit = max_level(image.cached(file_steps)[0])
    bins = image.cached(coefficient_levels) + np.arange(MODES, dtype=np.int32)[:, None] * (limit + 2)
    occurrences = np.bincount(bins.ravel(), minlength=MODES * (limit + 2)).reshape(MODES, limit + 2)
    return occurrences[:, 1:-1].astype(np.float64)


def histograms(image: ImageFile) -> list[Histogram]:
    """Histograms of the frequencies with at least MIN_COEFFICIENTS non-zero coefficients on four or more levels."""
    selected, all_counts = [], image.cached(level_counts)
    totals = all_counts.cumsum(axis=1)
    for i, step in enumerate(image.cached(file_steps)):
        if totals[i, -1] < MIN_COEFFICIENTS:
            continue
        length = int(np.searchsorted(totals[i], 0.98 * totals[i, -1])) + 1
        if length >= 4:
            head = all_counts[i, :length]
            selected.append(Histogram(i + 1, step, head, smooth_counts(head)))
    return selected


def smooth_counts(counts: np.ndarray) -> np.ndarray:
    """(length,) counts of 1, 2, … -> smoothed counts with the same sum: log(count + 1) as a cubic of log magnitude."""
    smooth = np.exp(_smoother(len(counts)) @ np.log(counts + 1)) - 1
    np.maximum(smooth, 0, out=smooth)
    return smooth * (counts.sum() / max(smooth.sum(), 1e-9))


@lru_cache(maxsize=_LOSSLESS_MAX_LEVEL + 1)
def _smoother(length: int) -> np.ndarray:
    """(length, length): values -> the least-squares cubic through them."""
    powers = np.vander(np.log(np.arange(1, length + 1)), 4)
    return powers @ np.linalg.pinv(powers)


def max_level(step: float) -> int:
    """Largest magnitude counted, in steps; larger for lossless files, whose bins are narrow."""
    return _LOSSLESS_MAX_LEVEL if step == LOSSLESS_STEP else _MAX_LEVEL
