"""Marks clipped pixels: other filters find no traces there."""

from __future__ import annotations

import numpy as np

from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

STRIPE = 8  # px a period
BRIGHT_COLOUR, DARK_COLOUR, CLIPPED_COLOUR = (230, 40, 40), (60, 120, 255), (250, 190, 0)
MARKS = ("all three", "too bright", "too dark", "colour cut off")


def _apply(view: View, bright: int, dark: int, marks: str) -> FilterResult:
    import cv2

    red, green, blue = cv2.split(view.rgb)
    smallest = cv2.min(cv2.min(red, green), blue)
    largest = cv2.max(cv2.max(red, green), blue)
    burnt, black = smallest >= bright, largest <= dark
    cut = ((smallest <= dark) | (largest >= bright)) & ~burnt & ~black
    ground = (view.luma * np.float32(0.6) + np.float32(40)).astype(np.uint8)
    picture = np.repeat(ground[..., None], 3, axis=2)
    height, width = ground.shape
    row, column = np.arange(height)[:, None], np.arange(width)[None, :]
    for name, where, colour, pattern in (
        (MARKS[3], cut, CLIPPED_COLOUR, (row % STRIPE < STRIPE // 2) & (column % STRIPE < STRIPE // 2)),
        (MARKS[1], burnt, BRIGHT_COLOUR, (row + column) % STRIPE < STRIPE // 2),
        (MARKS[2], black, DARK_COLOUR, np.broadcast_to(row % STRIPE < STRIPE // 2, ground.shape)),
    ):
        if marks in (MARKS[0], name):
            picture[where & pattern] = colour
            picture[where & ~pattern] = [c // 2 for c in colour]
    shares = [100 * float(m.mean()) for m in (burnt, black, cut)]
    return FilterResult(
        f"{shares[0]:.1f} % of the pixels are too bright (red, slanted stripes), {shares[1]:.1f} % too dark (blue, level "
        f"stripes), and in {shares[2]:.1f} % one or two of the three colours are clipped (yellow, chequered).",
        picture,
    )


FILTER = Filter(
    name="saturation_and_clipping",
    title="Clipped pixels",
    category="Colour and light",
    shows="Pixels in which all colours have reached white or black, and pixels in which one or two of them have.",
    read="In a photo, overexposed parts occur in lamps, sun and reflections and dark ones in deep shade, with soft borders. "
    "Clipped colours with hard outlines, or white that a neighbour of the same brightness does not reach, are worth a "
    "closer look.",
    cannot="Noise, compression and error-level filters are meaningless inside clipped regions; strong colour editing "
    "clips without any forgery.",
    apply=_apply,
    parameters=(
        Slider("bright", "Too bright from", 200, 255, 253, 1),
        Slider("dark", "Too dark up to", 0, 55, 2, 1),
        Choice("marks", "Mark", MARKS, MARKS[0]),
    ),
)
