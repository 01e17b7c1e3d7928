"""Where a network looked: how much its answer changes when one place of the picture is covered.

Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014: a grey patch slides over the
network's input, and the change of the output is drawn at the place it covered. Needs the network's answers only, so it
serves any ONNX file, without gradients and without torch; `grid` squared and one runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cgid.errors import InputError
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import Preprocess, mirrored

GRID = 8  # places a side: 65 runs of the network
GRIDS = (2, 32)
REACH = 0.5  # the patch covers a place and this much of each neighbour, so that no trace falls between two patches
BATCH_PIXELS = 4_000_000  # of the input held at once, whatever its size
BATCH = 32


@dataclass(frozen=True)
class Seen:
    """The part of a picture that reaches the network, in pixels of the upright picture.

    rows, columns: float64 (S,), where each row and column of the input square lies in the picture (0.5 = middle of the
    first pixel). Rows mirrored at the edge of a small picture lie where they were mirrored from.
    """

    top: int
    left: int
    height: int
    width: int
    rows: np.ndarray
    columns: np.ndarray


@dataclass(frozen=True)
class Occlusion:
    """change: float64 (grid, grid) over `seen`, logit of the whole picture less that with the place covered: above 0
    the place speaks for AI, below 0 for real; NaN where the network gave no finite number. logit: of the whole."""

    change: np.ndarray
    logit: float
    seen: Seen


def seen(preprocess: Preprocess, height: int, width: int) -> Seen:
    """What `preprocess.square` takes of a picture of this size."""
    size = preprocess.image_size
    if preprocess.fit == "resize":
        rows, columns = ((np.arange(size) + 0.5) * side / size for side in (height, width))
        return Seen(0, 0, height, width, rows, columns)
    top, left = max(0, height - size) // 2, max(0, width - size) // 2
    tall, wide = min(height, size), min(width, size)
    rows, columns = (start + 0.5 + _mirrored(length, size) for start, length in ((top, tall), (left, wide)))
    return Seen(top, left, tall, wide, rows, columns)


def occlusion(model: OnnxModel, rgb: np.ndarray, grid: int = GRID) -> Occlusion:
    """Cover one place of uint8 (H, W, 3) after the other by the mean colour of the input.

    grid: places a side, 2 to 32. The same pixels give the same map. Raises InputError on another grid, or where the
    network gives no finite number for the whole picture.
    """
    if not GRIDS[0] <= grid <= GRIDS[1]:
        raise InputError(f"A grid of {grid} places a side is not between {GRIDS[0]} and {GRIDS[1]}.")
    square = model.preprocess.square(rgb)
    logit = float(model.logits_of_squares([square])[0])
    if not math.isfinite(logit):
        raise InputError("The network gives no finite number for this picture, so no place of it can be weighed.")
    part = seen(model.preprocess, *rgb.shape[:2])
    rows = _covered(part.rows, part.top, part.height, grid)
    columns = _covered(part.columns, part.left, part.width, grid)
    grey = square.reshape(-1, 3).mean(0).round().astype(np.uint8)
    places = [(row, column) for row in rows for column in columns]
    at_once = max(1, min(BATCH, BATCH_PIXELS // square[..., 0].size))
    parts = []
    for first in range(0, len(places), at_once):
        squares = []
        for row, column in places[first : first + at_once]:
            covered = square.copy()
            covered[np.ix_(row, column)] = grey
            squares.append(covered)
        parts.append(model.logits_of_squares(squares))
    change = logit - np.concatenate(parts).reshape(grid, grid)
    return Occlusion(np.where(np.isfinite(change), change, np.nan), logit, part)


def _covered(where: np.ndarray, start: int, length: int, grid: int) -> list[np.ndarray]:
    """For each place along one side, which rows (or columns) of the input the patch covers, bool (S,)."""
    step = length / grid
    return [
        (where >= start + (k - REACH) * step) & (where < start + (k + 1 + REACH) * step) for k in range(grid)
    ]  # fmt: skip


def _mirrored(length: int, size: int) -> np.ndarray:
    """0..length-1 as `preprocess.centre` lays it out over `size` pixels, (size,)."""
    line = np.broadcast_to(np.arange(length)[:, None], (length, size))
    return mirrored(line[..., None], size)[:, 0, 0] if length < size else np.arange(length)
