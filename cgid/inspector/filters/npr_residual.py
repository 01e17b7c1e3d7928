"""Neighbouring pixel relationships (NPR): differences within 2 x 2 cells, which up-sampling in a generator changes."""

from __future__ import annotations

import numpy as np

from cgid.features.groups.residual_npr import cells
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

CHANNELS = {"red": 0, "green": 1, "blue": 2}
STARTS = {"the corner": (0, 0), "one to the right": (0, 1), "one down": (1, 0), "one right and down": (1, 1)}


def interleave(residual: np.ndarray) -> np.ndarray:
    """int16 (h, w) of a channel's (3, h / 2, w / 2) differences across, down and diagonal; a cell's first pixel is 0."""
    plane = np.zeros((residual.shape[1] * 2, residual.shape[2] * 2), np.int16)
    plane[::2, 1::2], plane[1::2, ::2], plane[1::2, 1::2] = residual
    return plane


def _apply(view: View, channel: str, start: str, show: str, amplify: float) -> FilterResult:
    down, across = STARTS[start]
    part = view.stored[down:, across:]
    height, width = (side // 2 * 2 for side in part.shape[:2])
    picture_values = np.zeros((*view.stored.shape[:2], 3), np.float32)
    if not height or not width:
        return FilterResult("The view is too small for a 2 x 2 cell.", view.upright(picture_values.astype(np.uint8)))
    residuals, _ = cells(part)
    for k, residual in enumerate(residuals):
        picture_values[down : down + height, across : across + width, k] = interleave(residual)
    if show == "size":
        np.abs(picture_values, out=picture_values)
    picture_values *= np.float32(amplify)
    if show == "difference":
        picture_values += np.float32(128)
    picture = picture_values.clip(0, 255).astype(np.uint8)
    if channel != "colour":
        picture, residuals = picture[..., CHANNELS[channel]], [residuals[CHANNELS[channel]]]
    zeros = float(np.mean([(r == 0).mean() for r in residuals]))
    copied = float(np.logical_and.reduce([(r == 0).all(axis=0) for r in residuals]).mean())
    finding = f"{100 * zeros:.1f} % of the differences are zero; {100 * copied:.1f} % of the cells are one colour."
    return FilterResult(finding, view.upright(picture))


FILTER = Filter(
    name="npr_residual",
    title="Neighbouring pixels (NPR)",
    category="Noise",
    shows="The difference of each pixel from the first of its 2 x 2 cell, amplified; grey (or black) means none.",
    read="Generators up-sample small maps, which can correlate the pixels of a cell: look for regular grids or parts "
    "where the differences almost vanish, and move the start of the cells to see whether the grid disappears.",
    cannot="Enlarged or denoised photographs look the same; JPEG hides it. It allows no verdict by eye.",
    apply=_apply,
    parameters=(
        Choice("channel", "Channel", ("colour", *CHANNELS), "colour"),
        Choice("start", "Cells start at", tuple(STARTS), "the corner"),
        Choice("show", "Show", ("difference", "size"), "difference"),
        Slider("amplify", "Amplification", 1.0, 50.0, 8.0, 1.0, "times"),
    ),
    cite="Tan et al., Rethinking the Up-Sampling Operations in CNN-based Generative Network for Generalizable Deepfake "
    "Detection, CVPR 2024, arXiv:2312.10461",
)
