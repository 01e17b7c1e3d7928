"""Where the edges of 8 x 8 blocks lie: JPEG leaves small steps there, and they move with the picture's crop.

Steps between neighbouring pixels are averaged along whole rows and columns, each less its two neighbours' mean, so
that slopes and textures cancel; folded modulo 8 they show which of the 64 alignments has the blocks' edges (after Fan
and de Queiroz, IEEE TIP 2003). Steps over 5 levels are the scene's own and count as 5.

JPEG dimples: one pixel of each block a little too dark or too bright, as some cameras' encoders leave it.

An encoder that rounds coefficients down or up instead of to the nearest shifts all of them the same way, and cosines
that are all shifted alike meet in the block's first pixel (Agarwal and Farid, Photo forensics from JPEG dimples, WIFS
2017). The mean block of a picture shows it: averaging over blocks is averaging their coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals.shared import dct_basis, stored_luma

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MOST_STEP = 5
LEAST_SIDE = 32
SEEN = 5.0  # standard errors; pictures without a grid reach 3


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps along one direction, by offset 0..7 of the block edge behind them (0: the file's own grid).

    excess: float64 (8,), mean step at the edges less that of their neighbours, levels. error: its standard error,
    the same for each. step: mean step everywhere, levels.
    """

    excess: np.ndarray
    error: float
    step: float

    @property
    def strength(self) -> np.ndarray:
        """float64 (8,): standard errors by which each offset stands above the mean of the other seven."""
        return (self.excess - (self.excess.sum() - self.excess) / 7) / self.error

    @property
    def start(self) -> int | None:
        """Offset 0..7 that stands out by SEEN; None where none does."""
        strength = self.strength
        return int(strength.argmax()) if strength.max() >= SEEN else None

    @property
    def foreign(self) -> float:
        """Standard errors by which one of the offsets 1, 2, 3, 5, 6, 7 stands above its mirror image 8 - offset.

        What a file's own blocks leave inside themselves is the same from either side; another grid's edges are not.
        """
        apart = np.abs(self.excess[1:4] - self.excess[:4:-1]).max()
        return float(apart / np.sqrt(2) / self.error)


@dataclass(frozen=True, slots=True)
class Grid:
    """across: of the edges that run down. down: of those that run across."""

    across: Fold
    down: Fold

    @property
    def strength(self) -> float:
        """Standard errors by which the strongest alignment stands out."""
        return float(self.across.strength.max() + self.down.strength.max()) / 2


def of(image: ImageFile) -> Grid | None:
    """Of the shared crop, for `image.once(block_grid.of)`. None under 32 px a side."""
    gray = image.once(stored_luma)
    across, down = fold(gray, 1), fold(gray, 0)
    return Grid(across, down) if across and down else None


def fold(gray: np.ndarray, axis: int) -> Fold | None:
    """axis: 1 for edges that run down (columns), 0 for edges that run across. None under 32 px a side."""
    if min(gray.shape) < LEAST_SIDE:
        return None
    first = np.diff(gray, axis=axis)
    np.abs(first, out=first)
    np.minimum(first, np.float32(MOST_STEP), out=first)
    # Exact to the last bit on any machine: float64, in numpy's fixed order.
    steps = first.mean(axis=1 - axis, dtype=np.float64)
    excess = steps[1:-1] - (steps[:-2] + steps[2:]) / 2
    # excess[i] belongs to the step between pixels i + 1 and i + 2, the edge of a block that starts at i + 2.
    offset = (np.arange(len(excess)) + 2) % 8
    many = np.bincount(offset, minlength=8)
    mean = np.bincount(offset, weights=excess, minlength=8) / many
    spread = np.sqrt(np.mean(np.square(excess - mean[offset])))
    return Fold(mean, float(spread / np.sqrt(many.mean())) + 1e-3, float(steps.mean()))


MOST = 8.0  # a coefficient beyond that is the scene's; it counts as that much
LEAST_BLOCKS = 16


def mean_block(dct: np.ndarray) -> np.ndarray:
    """float64 (8, 8): the mean block of the picture, levels, without its four coarsest frequencies."""
    means = np.clip(dct, np.float32(-MOST), np.float32(MOST)).reshape(64, -1).mean(axis=1, dtype=np.float64)
    means[[0, 1, 8, 9]] = 0
    basis = dct_basis().astype(np.float64)
    return basis.T @ means.reshape(8, 8) @ basis


def strength(dct: np.ndarray) -> float:
    """Levels by which the first pixel of the mean block stands out, over the others' spread; NaN under 16 blocks."""
    if dct.shape[2] * dct.shape[3] < LEAST_BLOCKS:
        return np.nan
    block = mean_block(dct).ravel()
    spread = block[1:].std()
    return float((block[0] - block[1:].mean()) / (spread + 0.01))
