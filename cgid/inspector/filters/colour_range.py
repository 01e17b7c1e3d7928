"""Selects the pixels whose values lie in chosen ranges: locates a histogram peak or a cloud of a colour plot in the image."""

from __future__ import annotations

import numpy as np

from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Filter, FilterResult, Span
from cgid.inspector.view import View

COLOURS, MASK = "colours kept, the rest dark grey", "white on black"
INSIDE, OUTSIDE = "within both ranges", "outside of them"


def _apply(
    view: View, first: str, one: tuple[float, float], second: str, two: tuple[float, float], chosen: str, shown: str
) -> FilterResult:
    import cv2

    table = np.arange(256)
    inside: np.ndarray = np.ones(view.luma.shape, np.uint8)
    for name, (low, high) in ((first, one), (second, two)):
        inside = inside & np.asarray(cv2.LUT(channel(view, name), ((table >= low) & (table <= high)).astype(np.uint8)))
    mask = inside if chosen == INSIDE else 1 - inside
    if shown == MASK:
        picture: np.ndarray = mask * np.uint8(255)
    else:
        picture = cv2.merge([(view.luma * np.float32(0.3)).astype(np.uint8)] * 3)
        cv2.copyTo(view.rgb, mask, picture)
    ranges = f"{first} from {one[0]:.0f} to {one[1]:.0f} and {second} from {two[0]:.0f} to {two[1]:.0f}"
    return FilterResult(_describe(mask, ranges if chosen == INSIDE else f"anything but {ranges}"), picture)


def _describe(mask: np.ndarray, ranges: str) -> str:
    if not mask.any():
        return f"No pixel has {ranges}."
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        f"{100 * float(mask.mean()):.1f} % of the pixels have {ranges}; they lie from {columns[0]} to {columns[-1]} px across "
        f"and from {rows[0]} to {rows[-1]} px down the view."
    )


FILTER = Filter(
    name="colour_range",
    title="Colour range selection",
    category="Colour and light",
    shows="Only the pixels whose values in two channels lie within chosen ranges; all others are darkened.",
    read="Take a range from the histogram or the colour plot (a spike, the edge of a gap, an isolated cloud) and see which "
    "part of the image it is. A range that fills exactly one object or a patch with straight edges is suspicious.",
    cannot="Different objects of the same colour are selected together; it does not evaluate anything.",
    apply=_apply,
    parameters=(
        Choice("first", "First channel", NAMES, "hue (HSV)"),
        Span("one", "First range", 0, 255, (0.0, 30.0), 1),
        Choice("second", "Second channel", NAMES, "saturation (HSV)"),
        Span("two", "Second range", 0, 255, (60.0, 255.0), 1),
        Choice("chosen", "Choose pixels", (INSIDE, OUTSIDE), INSIDE),
        Choice("shown", "Show", (COLOURS, MASK), COLOURS),
    ),
)
