"""Occlusion maps: how much the network's output changes when a cell of the image is covered.

Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014: a grey patch slides over the
network's input, and the change of the output is shown at its position. It needs the network's outputs only, so it works
with any ONNX file, without gradients and without torch, in `grid` squared plus one runs.

`overlay` draws a map on its image. It does not rely on colour alone: a solid frame marks the cell that most supports
AI, a dashed one the cell that most supports real.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cgid.errors import InputError
from cgid.imaging.display import thumbnail
from cgid.imaging.luma import luma
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import Preprocess, mirror_pad

GRID = 8  # places a side: 65 runs of the network
GRIDS = (2, 32)
PATCH_MARGIN = (
    0.5  # the patch covers a place and this much of each neighbour, so that no trace falls between two patches
)
BATCH_PIXELS = 4_000_000  # of the input held at once, whatever its size
BATCH = 32


@dataclass(frozen=True)
class VisibleRegion:
    """The part of a picture that reaches the network, in pixels of the upright picture.

    rows, columns: float64 (S,), where each row and column of the input square lies in the picture (0.5 = middle of the
    first pixel). Rows mirrored at the edge of a small image lie where they were mirrored from.
    """

    top: int
    left: int
    height: int
    width: int
    rows: np.ndarray
    columns: np.ndarray


@dataclass(frozen=True)
class Occlusion:
    """change: float64 (grid, grid) over `region`, logit of the whole picture less that with the place covered: above 0
    the region points to AI, below 0 for real; NaN where the network gave no finite number. logit: of the whole."""

    change: np.ndarray
    logit: float
    region: VisibleRegion


def visible_region(preprocess: Preprocess, height: int, width: int) -> VisibleRegion:
    """What `preprocess.input_pixels` takes of a picture of this size."""
    size = preprocess.image_size
    if preprocess.fit == "resize":
        rows, columns = ((np.arange(size) + 0.5) * side / size for side in (height, width))
        return VisibleRegion(0, 0, height, width, rows, columns)
    top, left = max(0, height - size) // 2, max(0, width - size) // 2
    tall, wide = min(height, size), min(width, size)
    rows, columns = (start + 0.5 + _mirrored(length, size) for start, length in ((top, tall), (left, wide)))
    return VisibleRegion(top, left, tall, wide, rows, columns)


def occlusion(model: OnnxModel, rgb: np.ndarray, grid: int = GRID) -> Occlusion:
    """Cover one place of uint8 (H, W, 3) after the other by the mean colour of the input.

    grid: places a side, 2 to 32. The same pixels give the same map. Raises InputError on another grid, or where the
    network gives no finite number for the whole picture.
    """
    if not GRIDS[0] <= grid <= GRIDS[1]:
        raise InputError(f"A grid of {grid} cells a side is not between {GRIDS[0]} and {GRIDS[1]}.")
    pixels = model.preprocess.input_pixels(rgb)
    logit = float(model.logits_of_inputs([pixels])[0])
    if not math.isfinite(logit):
        raise InputError("The network gives no finite number for this image, so there is no occlusion map.")
    region = visible_region(model.preprocess, *rgb.shape[:2])
    rows = _covered_lines(region.rows, region.top, region.height, grid)
    columns = _covered_lines(region.columns, region.left, region.width, grid)
    grey = pixels.reshape(-1, 3).mean(0).round().astype(np.uint8)
    cells = [(row, column) for row in rows for column in columns]
    batch_size = max(1, min(BATCH, BATCH_PIXELS // pixels[..., 0].size))
    parts = []
    for first in range(0, len(cells), batch_size):
        inputs = []
        for row, column in cells[first : first + batch_size]:
            covered = pixels.copy()
            covered[np.ix_(row, column)] = grey
            inputs.append(covered)
        parts.append(model.logits_of_inputs(inputs))
    change = logit - np.concatenate(parts).reshape(grid, grid)
    return Occlusion(np.where(np.isfinite(change), change, np.nan), logit, region)


def _covered_lines(positions: np.ndarray, start: int, length: int, grid: int) -> list[np.ndarray]:
    """For each place along one side, which rows (or columns) of the input the patch covers, bool (S,)."""
    step = length / grid
    return [
        (positions >= start + (k - PATCH_MARGIN) * step) & (positions < start + (k + 1 + PATCH_MARGIN) * step)
        for k in range(grid)
    ]


def _mirrored(length: int, size: int) -> np.ndarray:
    """0..length-1 as `preprocess.centre` lays it out over `size` pixels, (size,)."""
    line = np.broadcast_to(np.arange(length)[:, None], (length, size))
    return mirror_pad(line[..., None], size)[:, 0, 0] if length < size else np.arange(length)


AI, REAL = (217, 114, 46), (59, 130, 196)  # as in the charts
FULL_COLOUR_CHANGE = 0.5  # least change of the logit drawn in full colour: a map of nothing stays pale
MIN_FRAMED_CHANGE = 0.1  # change of the logit from which a place is framed
MAX_OPACITY = 0.8  # share of colour over the picture at full colour
OUTSIDE_BRIGHTNESS = 0.4  # brightness of what the network did not see
MIN_SIDE = 256  # px; smaller pictures are enlarged pixel by pixel, or no frame would fit

LEGEND = (
    "One cell after the other was covered in grey. Orange: without this cell the output moves towards real, so it "
    "supports AI. Blue: it supports real. Solid frame: the cell that most supports AI; dashed: most supports real. "
    "Dark: not seen by the network; of a large image only the seen region and its surroundings are shown. A pale map "
    "means that no single cell matters much."
)
CAUTION = (
    "It shows what the output depends on, not why, and not where an image was altered. Traces spread evenly over the "
    "image (noise, compression) show nowhere; a logo, a frame or a sky correlated with one class lights up like a "
    "trace; and the grey patch is itself unlike any image."
)


def overlay(rgb: np.ndarray, occlusion_map: Occlusion, side: int = 1024) -> np.ndarray:
    """uint8 RGB, at most `side` px a side, of the whole upright picture uint8 (H, W, 3) in grey with the map on it."""
    import cv2

    preview = thumbnail(rgb, side)
    scale = max(1, min(MIN_SIDE, side) // max(preview.shape[:2]))
    preview = preview.repeat(scale, axis=0).repeat(scale, axis=1)
    height, width = preview.shape[:2]
    grey = 40 + luma(preview) * np.float32(0.75)
    top, bottom = (
        round(y * height / rgb.shape[0])
        for y in (occlusion_map.region.top, occlusion_map.region.top + occlusion_map.region.height)
    )
    left, right = (
        round(x * width / rgb.shape[1])
        for x in (occlusion_map.region.left, occlusion_map.region.left + occlusion_map.region.width)
    )
    bottom, right = max(bottom, top + 1), max(right, left + 1)
    change = np.nan_to_num(occlusion_map.change).astype(np.float32)
    smooth = cv2.resize(change, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    opacity = np.clip(np.abs(smooth) / max(FULL_COLOUR_CHANGE, float(np.abs(change).max())), 0, 1)[
        ..., None
    ] * np.float32(MAX_OPACITY)
    colour = np.where(smooth[..., None] > 0, np.array(AI, np.float32), np.array(REAL, np.float32))
    picture = np.repeat(grey[..., None] * np.float32(OUTSIDE_BRIGHTNESS), 3, axis=2)
    inside = grey[top:bottom, left:right, None]
    picture[top:bottom, left:right] = inside * (1 - opacity) + colour * opacity
    picture = np.ascontiguousarray(picture.round().clip(0, 255).astype(np.uint8))
    for value, dashed in ((change.max(), False), (change.min(), True)):
        if abs(value) >= MIN_FRAMED_CHANGE and (value < 0) == dashed:
            row, column = np.unravel_index(int(np.argmax(change == value)), change.shape)
            y, x = (np.array([k, k + 1]) / n for k, n in zip((row, column), change.shape))
            _frame(picture, top + y * (bottom - top), left + x * (right - left), dashed)
    return picture


def crop_to_region(rgb: np.ndarray, occlusion_map: Occlusion) -> tuple[np.ndarray, Occlusion]:
    """The picture cut to what the network saw and half as much again on every side, with the map placed in it.

    A network that cuts 224 pixels out of a photograph of 12 megapixels sees a region too small to notice otherwise.
    """
    region = occlusion_map.region
    top, left = max(0, region.top - region.height // 2), max(0, region.left - region.width // 2)
    bottom, right = region.top + region.height + region.height // 2, region.left + region.width + region.width // 2
    moved = replace(
        region, top=region.top - top, left=region.left - left, rows=region.rows - top, columns=region.columns - left
    )  # fmt: skip
    return rgb[top:bottom, left:right], replace(occlusion_map, region=moved)


def _frame(picture: np.ndarray, y: np.ndarray, x: np.ndarray, dashed: bool) -> None:
    """A white line with a dark edge around rows y[0]..y[1] and columns x[0]..x[1], drawn into the picture."""
    height, width = picture.shape[:2]
    thickness = max(1, round(min(height, width) / 200))
    y0, y1 = np.clip(y.round().astype(int), 0, height)
    x0, x1 = np.clip(x.round().astype(int), 0, width)
    for line_width, tone in ((2 * thickness, 0), (thickness, 255)):
        line = np.zeros((height, width), bool)
        line[
            max(0, y0 - line_width // 2) : y1 + line_width // 2, max(0, x0 - line_width // 2) : x1 + line_width // 2
        ] = True
        line[
            y0 + line_width : max(y0 + line_width, y1 - line_width),
            x0 + line_width : max(x0 + line_width, x1 - line_width),
        ] = False
        if dashed:
            dash = max(2, (x1 - x0 + y1 - y0) // 10)
            line &= ((np.arange(width) + np.arange(height)[:, None]) // dash % 2).astype(bool)
        picture[line] = tone
