"""The JPEG block grid: alignment of 8 x 8 block edges, which shifts when an image is cropped, and JPEG dimples.

Steps between neighbouring pixels are averaged along whole rows and columns, minus the mean of their two neighbours, so
that slopes and textures cancel; folded modulo 8 they show which of the 64 alignments has the block edges (after Fan and
de Queiroz, IEEE TIP 2003). Steps over 5 levels belong to the scene and count as 5.

Dimples: an encoder that rounds coefficients down or up instead of to the nearest shifts all of them in the same
direction, and these shifts add up in the first pixel of each block, which becomes slightly too dark or too bright
(Agarwal and Farid, Photo forensics from JPEG dimples, WIFS 2017). The mean block of an image shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals.shared import dct_basis, stored_luma

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

MAX_STEP = 5
MIN_SIDE = 32
DETECTION_THRESHOLD = 5.0  # standard errors; images without a grid reach 3


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps along one direction, by offset 0..7 of the block edge (0: the file's own grid).

    excess: float64 (8,), mean step at the edges minus that of their neighbours, levels. error: its standard error,
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
        """Offset 0..7 that exceeds DETECTION_THRESHOLD; None if none does."""
        strength = self.strength
        return int(strength.argmax()) if strength.max() >= DETECTION_THRESHOLD else None

    @property
    def other_grid(self) -> float:
        """Standard errors by which one of the offsets 1, 2, 3, 5, 6, 7 stands above its mirror image 8 - offset.

        Patterns of the file's own blocks are symmetric about the offset; the edges of another grid are not.
        """
        excess = np.abs(self.excess[1:4] - self.excess[:4:-1]).max()
        return float(excess / np.sqrt(2) / self.error)


@dataclass(frozen=True, slots=True)
class Grid:
    """columns: of the vertical edges, by column. rows: of the horizontal edges, by row."""

    columns: Fold
    rows: Fold

    @property
    def strength(self) -> float:
        """Standard errors by which the strongest alignment stands out."""
        return float(self.columns.strength.max() + self.rows.strength.max()) / 2


def from_image(image: ImageFile) -> Grid | None:
    """Block grid of the shared crop, for `image.cached(block_grid.from_image)`. None under 32 px a side."""
    gray = image.cached(stored_luma)
    columns, rows = fold_steps(gray, 1), fold_steps(gray, 0)
    return Grid(columns, rows) if columns and rows else None


def fold_steps(gray: np.ndarray, axis: int) -> Fold | None:
    """Steps folded modulo 8. axis: 1 for vertical edges (columns), 0 for horizontal edges. None under 32 px a side."""
    if min(gray.shape) < MIN_SIDE:
        return None
    first = np.diff(gray, axis=axis)
    np.abs(first, out=first)
    np.minimum(first, np.float32(MAX_STEP), out=first)
    # Bit-reproducible on any machine: float64, in numpy's fixed order.
    steps = first.mean(axis=1 - axis, dtype=np.float64)
    excess = steps[1:-1] - (steps[:-2] + steps[2:]) / 2
    # excess[i] belongs to the step between pixels i + 1 and i + 2, the edge of a block that starts at i + 2.
    offset = (np.arange(len(excess)) + 2) % 8
    counts = np.bincount(offset, minlength=8)
    mean = np.bincount(offset, weights=excess, minlength=8) / counts
    deviation = np.sqrt(np.mean(np.square(excess - mean[offset])))
    return Fold(mean, float(deviation / np.sqrt(counts.mean())) + 1e-3, float(steps.mean()))


MAX_COEFFICIENT = 8.0  # larger coefficients belong to the scene and are clipped
MIN_BLOCKS = 16


def mean_block(dct: np.ndarray) -> np.ndarray:
    """float64 (8, 8): the mean block of the image, levels, without its four lowest frequencies."""
    means = (
        np.clip(dct, np.float32(-MAX_COEFFICIENT), np.float32(MAX_COEFFICIENT))
        .reshape(64, -1)
        .mean(axis=1, dtype=np.float64)
    )
    means[[0, 1, 8, 9]] = 0
    basis = dct_basis().astype(np.float64)
    return basis.T @ means.reshape(8, 8) @ basis


def dimple_strength(dct: np.ndarray) -> float:
    """Deviation of the first pixel of the mean block, in standard deviations of the others; NaN under 16 blocks."""
    if dct.shape[2] * dct.shape[3] < MIN_BLOCKS:
        return np.nan
    block = mean_block(dct).ravel()
    deviation = block[1:].std()
    return float((block[0] - block[1:].mean()) / (deviation + 0.01))
