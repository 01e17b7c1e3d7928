"""The image's colours as points in a colour space, as a rotatable 3-D plot: different light sources form separate clouds."""

from __future__ import annotations

import numpy as np

from cgid.inspector import channels
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

SEED = 2026  # the same pixels each time
AXES = {
    "RGB": ("red", "green", "blue"),
    "HSV": ("saturation towards red", "saturation towards yellow-green", "value"),
    "Lab": ("green to red (a)", "blue to yellow (b)", "lightness (L)"),
    "YCbCr": ("blue difference (Cb)", "red difference (Cr)", "brightness (Y)"),
}


def _coordinates(view: View, space: str, at: np.ndarray) -> np.ndarray:
    """float32 (n, 3): coordinates of the pixels `at` (flat indices) on the axes of `space`."""
    if space == "RGB":
        return view.rgb.reshape(-1, 3)[at].astype(np.float32)
    make, order = {
        "HSV": (channels.hsv, (0, 1, 2)),
        "Lab": (channels.lab, (1, 2, 0)),
        "YCbCr": (channels.ycc, (2, 1, 0)),
    }[space]
    values = view.cached(make).reshape(-1, 3)[at][:, order].astype(np.float32)
    if space == "HSV":
        angle = values[:, 0] * np.float32(2 * np.pi / 256)
        return np.stack([values[:, 1] * np.cos(angle), values[:, 1] * np.sin(angle), values[:, 2]], axis=1)
    values[:, :2] -= 128
    return values


def distinct_colours(view: View) -> int:
    """Number of different colours in the view."""
    there = np.zeros(1 << 24, bool)
    red, green, blue = (view.rgb[..., k].astype(np.uint32) for k in range(3))
    there[(red << 16 | green << 8 | blue).ravel()] = True
    return int(there.sum())


def _apply(view: View, space: str, points: int) -> FilterResult:
    pixels = view.luma.size
    count = min(points, pixels)
    at = np.sort(np.random.default_rng(SEED).choice(pixels, count, replace=False))
    places = _coordinates(view, space, at)
    colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in view.rgb.reshape(-1, 3)[at].tolist()]
    columns = {key: places[:, k] for k, key in enumerate("xyz")}
    columns |= {f"{key}_title": np.full(count, AXES[space][k]) for k, key in enumerate("xyz")}
    colour_count = view.cached(distinct_colours)
    each = (
        f"one for {pixels / colour_count:,.0f} pixels" if pixels > 1.5 * colour_count else "nearly one for each pixel"
    )
    finding = f"{count:,} of {pixels:,} pixels in {space}; the view has {colour_count:,} different colours, {each}."
    return FilterResult(finding, columns={**columns, "colour": np.array(colours)})


FILTER = Filter(
    name="colour_cloud",
    title="Colour plot (3-D)",
    category="Colour and light",
    shows="A sample of the pixels as points in a colour space, each in its own colour; rotate it with the mouse.",
    read="Surfaces under one light form streaks towards the dark corner. A streak in another direction is lit "
    "by light of another colour; flat sheets and walls are clipped or computed colours. Very few different colours "
    "for many pixels indicate a palette, a drawing or a heavily reduced file.",
    cannot="Fine structures are lost in the sample, and many authentic scenes have several light sources.",
    apply=_apply,
    parameters=(
        Choice("space", "Colour space", tuple(AXES), "RGB"),
        Slider("points", "Points", 500, 5000, 3000, 500),
    ),
    chart="colour_cloud",
)
