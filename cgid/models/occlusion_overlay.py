"""Lays an occlusion map over the picture it belongs to, so that a person sees where the network looked.

Told by more than colour: a solid frame marks the place that spoke most for AI, a dashed one that for real.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cgid.features.display import fit
from cgid.imaging.luma import luma
from cgid.models.occlusion import Occlusion

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
