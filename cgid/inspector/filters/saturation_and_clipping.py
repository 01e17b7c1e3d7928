"""Marks pixels that the sensor, the file or an editor cut off: nothing can be read there, and traces end there."""

from __future__ import annotations

import numpy as np

from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

STRIPE = 8  # px a period
TOO_BRIGHT, TOO_DARK, OUT = (230, 40, 40), (60, 120, 255), (250, 190, 0)
MARKS = ("all three", "too bright", "too dark", "colour cut off")


def _draw(view: View, bright: int, dark: int, marks: str) -> Drawn:
    import cv2

    red, green, blue = cv2.split(view.rgb)
    least = cv2.min(cv2.min(red, green), blue)
    most = cv2.max(cv2.max(red, green), blue)
    burnt, black = least >= bright, most <= dark
    cut = ((least <= dark) | (most >= bright)) & ~burnt & ~black
    ground = (view.luma * np.float32(0.6) + np.float32(40)).astype(np.uint8)
    picture = np.repeat(ground[..., None], 3, axis=2)
    height, width = ground.shape
    row, column = np.arange(height)[:, None], np.arange(width)[None, :]
    for name, where, colour, pattern in (
        (MARKS[3], cut, OUT, (row % STRIPE < STRIPE // 2) & (column % STRIPE < STRIPE // 2)),
        (MARKS[1], burnt, TOO_BRIGHT, (row + column) % STRIPE < STRIPE // 2),
        (MARKS[2], black, TOO_DARK, np.broadcast_to(row % STRIPE < STRIPE // 2, ground.shape)),
    ):
        if marks in (MARKS[0], name):
            picture[where & pattern] = colour
            picture[where & ~pattern] = [c // 2 for c in colour]
    shares = [100 * float(m.mean()) for m in (burnt, black, cut)]
    return Drawn(
        f"{shares[0]:.1f} % of the pixels are too bright (red, slanted stripes), {shares[1]:.1f} % too dark (blue, level "
        f"stripes), and in {shares[2]:.1f} % one or two of the three colours are cut off (yellow, chequered).",
        picture,
    )


FILTER = Filter(
    name="saturation_and_clipping",
    title="Clipped pixels",
    shelf="Colour and light",
    shows="Pixels in which all colours have reached white or black, and pixels in which one or two of them have.",
    read="In a photo, burnt-out parts lie in lamps, sun and reflections and dark ones in deep shade, with soft rims. "
    "Cut-off colours with hard outlines, or white that a neighbour of the same brightness does not reach, are worth a "
    "closer look.",
    cannot="Noise, compression and error-level filters say nothing inside clipped regions; strong editing of colours "
    "clips them without any forgery.",
    draw=_draw,
    parameters=(
        Slider("bright", "Too bright from", 200, 255, 253, 1),
        Slider("dark", "Too dark up to", 0, 55, 2, 1),
        Choice("marks", "Mark", MARKS, MARKS[0]),
    ),
)
