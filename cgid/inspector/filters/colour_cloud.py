"""The picture's colours as points in space, to be turned by hand: two lights or two sources make two clouds."""

from __future__ import annotations

import numpy as np

from cgid.inspector import channels
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

SEED = 2026  # the same pixels each time
AXES = {
    "RGB": ("red", "green", "blue"),
    "HSV": ("saturation towards red", "saturation towards yellow-green", "value"),
    "Lab": ("green to red (a)", "blue to yellow (b)", "lightness (L)"),
    "YCbCr": ("blue difference (Cb)", "red difference (Cr)", "brightness (Y)"),
}


def _places(view: View, space: str, at: np.ndarray) -> np.ndarray:
    """float32 (n, 3): where the pixels `at` (flat indices) lie along the axes of `space`."""
    if space == "RGB":
        return view.rgb.reshape(-1, 3)[at].astype(np.float32)
    make, order = {
        "HSV": (channels.hsv, (0, 1, 2)),
        "Lab": (channels.lab, (1, 2, 0)),
        "YCbCr": (channels.ycc, (2, 1, 0)),
    }[space]
    found = view.once(make).reshape(-1, 3)[at][:, order].astype(np.float32)
    if space == "HSV":
        turn = found[:, 0] * np.float32(2 * np.pi / 256)
        return np.stack([found[:, 1] * np.cos(turn), found[:, 1] * np.sin(turn), found[:, 2]], axis=1)
    found[:, :2] -= 128
    return found


def distinct(view: View) -> int:
    """How many different colours the view has."""
    there = np.zeros(1 << 24, bool)
    red, green, blue = (view.rgb[..., k].astype(np.uint32) for k in range(3))
    there[(red << 16 | green << 8 | blue).ravel()] = True
    return int(there.sum())


def _draw(view: View, space: str, points: int) -> Drawn:
    pixels = view.luma.size
    count = min(points, pixels)
    at = np.sort(np.random.default_rng(SEED).choice(pixels, count, replace=False))
    places = _places(view, space, at)
    colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in view.rgb.reshape(-1, 3)[at].tolist()]
    columns = {key: places[:, k] for k, key in enumerate("xyz")}
    columns |= {f"{key}_title": np.full(count, AXES[space][k]) for k, key in enumerate("xyz")}
    several = view.once(distinct)
    each = f"one for {pixels / several:,.0f} pixels" if pixels > 1.5 * several else "nearly one for each pixel"
    told = f"{count:,} of {pixels:,} pixels in {space}; the view has {several:,} different colours, {each}."
    return Drawn(told, columns={**columns, "colour": np.array(colours)})


FILTER = Filter(
    name="colour_cloud",
    title="Colour plot (3-D)",
    shelf="Colour and light",
    shows="A sample of the pixels as points in a colour space, each in its own colour; turn it with the mouse.",
    read="Surfaces under one light make streaks that lead to the dark corner. A streak that leans another way is lit "
    "by light of another colour, flat sheets and walls are colours cut off or computed. Very few different colours "
    "for many pixels mean a palette, a drawing or a heavily reduced file.",
    cannot="Fine structures are lost in the sample, and many honest scenes have several lights.",
    draw=_draw,
    parameters=(
        Choice("space", "Colour space", tuple(AXES), "RGB"),
        Slider("points", "Points", 500, 5000, 3000, 500),
    ),
    chart="colour_cloud",
)
