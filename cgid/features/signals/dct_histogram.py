"""Histograms of a picture's DCT coefficients: rounding to a step empties the places between its multiples.

What all traces of earlier compression are read from. `course` is what a histogram would be without any, so that what
departs from it can be weighed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals import block_grid, shared
from cgid.fileformat.quantisation_tables import zigzag

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MODES = 15  # frequencies 1..15 in zig-zag order; higher ones are nearly all zero
LOSSLESS_STEP = 0.5  # bin width where the file's own format rounds no coefficients
LEAST = 100  # coefficients other than zero that a histogram needs to say anything
_REACH, _LOSSLESS_REACH = 64, 160


@dataclass(frozen=True, slots=True)
class Histogram:
    """One frequency. mode: place in zig-zag order. step: of the file's table, or LOSSLESS_STEP.

    counts: float64 (reach,), how often the magnitudes 1, 2, … steps occur, up to where 98 % of them lie.
    smooth: float64 (reach,), their course, of the same sum.
    """

    mode: int
    step: float
    counts: np.ndarray
    smooth: np.ndarray


def aligned_dct(image: ImageFile) -> np.ndarray:
    """`shared.block_dct`; for a file that is no JPEG, on the block grid that shows in it: it may have been cropped."""
    grid = image.once(block_grid.of) if image.format != "JPEG" else None
    row, column = (grid.down.start, grid.across.start) if grid else (None, None)
    # Both directions must be sure of it: a wrong grid shows nothing at all.
    if row is None or column is None or row == column == 0:
        return image.once(shared.block_dct)
    return shared.dct_of_blocks(image.once(shared.stored_luma)[row:, column:])


def file_steps(image: ImageFile) -> tuple[float, ...]:
    """Steps of frequencies 1..MODES: of the luma table of a JPEG, else LOSSLESS_STEP."""
    table = image.jpeg.luma_table if image.format == "JPEG" else None
    return tuple(float(max(step, 1)) for step in table[1 : MODES + 1]) if table else (LOSSLESS_STEP,) * MODES


def levels(image: ImageFile) -> np.ndarray:
    """int32 (MODES, blocks): magnitude of each coefficient in steps of `file_steps`, rounded, at most reach + 1."""
    dct = image.once(aligned_dct)
    chosen = dct.reshape(64, -1)[zigzag()[1 : MODES + 1]]
    steps = np.array(image.once(file_steps), np.float32)
    chosen *= (np.float32(1) / steps)[:, None]
    np.abs(chosen, out=chosen)
    np.minimum(chosen, np.float32(reach_of(image.once(file_steps)[0]) + 1), out=chosen)
    return np.rint(chosen, out=chosen).astype(np.int32)


def counts(image: ImageFile) -> np.ndarray:
    """float64 (MODES, reach): how often the magnitudes 1..reach occur at each frequency."""
    reach = reach_of(image.once(file_steps)[0])
    places = image.once(levels) + np.arange(MODES, dtype=np.int32)[:, None] * (reach + 2)
    found = np.bincount(places.ravel(), minlength=MODES * (reach + 2)).reshape(MODES, reach + 2)
    return found[:, 1:-1].astype(np.float64)


def histograms(image: ImageFile) -> list[Histogram]:
    """Of the frequencies that have LEAST coefficients other than zero, on four places or more."""
    found, every = [], image.once(counts)
    totals = every.cumsum(axis=1)
    for i, step in enumerate(image.once(file_steps)):
        if totals[i, -1] < LEAST:
            continue
        reach = int(np.searchsorted(totals[i], 0.98 * totals[i, -1])) + 1
        if reach >= 4:
            cut = every[i, :reach]
            found.append(Histogram(i + 1, step, cut, course(cut)))
    return found


def course(found: np.ndarray) -> np.ndarray:
    """(reach,) counts of 1, 2, … -> their smooth course of the same sum: log(count + 1) as a cubic of log magnitude."""
    smooth = np.exp(_smoother(len(found)) @ np.log(found + 1)) - 1
    np.maximum(smooth, 0, out=smooth)
    return smooth * (found.sum() / max(smooth.sum(), 1e-9))


@lru_cache(maxsize=_LOSSLESS_REACH + 1)
def _smoother(reach: int) -> np.ndarray:
    """(reach, reach): values -> the least-squares cubic through them."""
    powers = np.vander(np.log(np.arange(1, reach + 1)), 4)
    return powers @ np.linalg.pinv(powers)


def reach_of(step: float) -> int:
    """Largest magnitude that is counted, in steps; a lossless file's bins are narrow, so there are more of them."""
    return _LOSSLESS_REACH if step == LOSSLESS_STEP else _REACH
