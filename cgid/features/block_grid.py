"""Where the edges of 8 x 8 blocks lie: JPEG leaves small steps there, and they move with the picture when it is cropped.

Steps between neighbouring pixels are averaged along whole rows and columns, each less its two neighbours' mean, so
that slopes and textures cancel; folded modulo 8 they show which of the 64 alignments has the blocks' edges (after Fan
and de Queiroz, IEEE TIP 2003). Steps over 5 levels are the scene's own and count as 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_STEP = 5
LEAST_SIDE = 32


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
    def foreign(self) -> float:
        """Standard errors by which one of the offsets 1, 2, 3, 5, 6, 7 stands above its mirror image 8 - offset.

        What a file's own blocks leave inside themselves is the same from either side; another grid's edges are not.
        """
        apart = np.abs(self.excess[1:4] - self.excess[:4:-1]).max()
        return float(apart / np.sqrt(2) / self.error)


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
