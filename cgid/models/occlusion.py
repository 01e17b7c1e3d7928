"""Where a network looked: how much its answer changes when one place of the picture is covered.

Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014: a grey patch slides over the
network's input, and the change of the output is drawn at the place it covered. Needs the network's answers only, so it
serves any ONNX file, without gradients and without torch; `grid` squared and one runs.

Lays an occlusion map over the picture it belongs to, so that a person sees where the network looked.

Told by more than colour: a solid frame marks the place that spoke most for AI, a dashed one that for real.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cgid.errors import InputError
from cgid.imaging.display import fit
from cgid.imaging.luma import luma
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


AI, REAL = (217, 114, 46), (59, 130, 196)  # as in the charts
FULL = 0.5  # least change of the logit drawn in full colour: a map of nothing stays pale
MARKED = 0.1  # change of the logit from which a place is framed
STRONGEST = 0.8  # share of colour over the picture at full colour
OUTSIDE = 0.4  # brightness of what the network did not see
LEAST_SIDE = 256  # px; smaller pictures are enlarged pixel by pixel, or no frame would fit

LEGEND = (
    "One place after the other was covered in grey. Orange: without this place the answer moves towards real, so it "
    "spoke for AI. Blue: it spoke for real. Solid frame: the place that spoke most for AI; dashed: most for real. Dark: "
    "not seen by the network; of a large picture only the seen part and what lies around it is drawn. A pale picture "
    "means that no single place matters much."
)
CAUTION = (
    "It shows what the number hangs on, not why, and not where a picture was altered. Traces spread evenly over the "
    "picture (noise, compression) show nowhere; a logo, a frame or a sky that went with one class lights up like a "
    "trace; and the grey patch is itself unlike any picture."
)


def overlay(rgb: np.ndarray, found: Occlusion, side: int = 1024) -> np.ndarray:
    """uint8 RGB, at most `side` px a side, of the whole upright picture uint8 (H, W, 3) in grey with the map on it."""
    import cv2

    small = fit(rgb, side)
    times = max(1, min(LEAST_SIDE, side) // max(small.shape[:2]))
    small = small.repeat(times, axis=0).repeat(times, axis=1)
    height, width = small.shape[:2]
    grey = 40 + luma(small) * np.float32(0.75)
    top, bottom = (round(y * height / rgb.shape[0]) for y in (found.seen.top, found.seen.top + found.seen.height))
    left, right = (round(x * width / rgb.shape[1]) for x in (found.seen.left, found.seen.left + found.seen.width))
    bottom, right = max(bottom, top + 1), max(right, left + 1)
    change = np.nan_to_num(found.change).astype(np.float32)
    smooth = cv2.resize(change, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    amount = np.clip(np.abs(smooth) / max(FULL, float(np.abs(change).max())), 0, 1)[..., None] * np.float32(STRONGEST)
    colour = np.where(smooth[..., None] > 0, np.float32(AI), np.float32(REAL))
    picture = np.repeat(grey[..., None] * np.float32(OUTSIDE), 3, axis=2)
    inside = grey[top:bottom, left:right, None]
    picture[top:bottom, left:right] = inside * (1 - amount) + colour * amount
    picture = np.ascontiguousarray(picture.round().clip(0, 255).astype(np.uint8))
    for value, dashed in ((change.max(), False), (change.min(), True)):
        if abs(value) >= MARKED and (value < 0) == dashed:
            row, column = np.unravel_index(int(np.argmax(change == value)), change.shape)
            y, x = (np.array([k, k + 1]) / n for k, n in zip((row, column), change.shape))
            _frame(picture, top + y * (bottom - top), left + x * (right - left), dashed)
    return picture


def closer(rgb: np.ndarray, found: Occlusion) -> tuple[np.ndarray, Occlusion]:
    """The picture cut to what the network saw and half as much again on every side, with the map placed in it.

    A network that cuts 224 pixels out of a photograph of 12 megapixels sees a spot nobody could make out otherwise.
    """
    part = found.seen
    top, left = max(0, part.top - part.height // 2), max(0, part.left - part.width // 2)
    bottom, right = part.top + part.height + part.height // 2, part.left + part.width + part.width // 2
    moved = replace(
        part, top=part.top - top, left=part.left - left, rows=part.rows - top, columns=part.columns - left
    )  # fmt: skip
    return rgb[top:bottom, left:right], replace(found, seen=moved)


def _frame(picture: np.ndarray, y: np.ndarray, x: np.ndarray, dashed: bool) -> None:
    """A white line with a dark edge around rows y[0]..y[1] and columns x[0]..x[1], drawn into the picture."""
    height, width = picture.shape[:2]
    thick = max(1, round(min(height, width) / 200))
    y0, y1 = np.clip(y.round().astype(int), 0, height)
    x0, x1 = np.clip(x.round().astype(int), 0, width)
    for grown, tone in ((2 * thick, 0), (thick, 255)):
        line = np.zeros((height, width), bool)
        line[max(0, y0 - grown // 2) : y1 + grown // 2, max(0, x0 - grown // 2) : x1 + grown // 2] = True
        line[y0 + grown : max(y0 + grown, y1 - grown), x0 + grown : max(x0 + grown, x1 - grown)] = False
        if dashed:
            dash = max(2, (x1 - x0 + y1 - y0) // 10)
            line &= ((np.arange(width) + np.arange(height)[:, None]) // dash % 2).astype(bool)
        picture[line] = tone
