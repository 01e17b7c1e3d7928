"""Bit planes: the lowest bits of the pixels hold noise, hidden data and traces of uniform retouching.

In pure noise a bit equals that of its right and lower neighbour in half of the cases. The map of neighbours is the
fraction of equal neighbours within 33 x 33 px.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import colormap
from cgid.inspector import channels
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

BIT, LOWER_BITS, NEIGHBOURS = "one bit", "it and all lower bits", "likeness to neighbours"
WINDOW = 33  # px


def equal_neighbours(plane: np.ndarray) -> np.ndarray:
    """float32 (h, w) of a plane of 0 and 1: fraction of the right and lower neighbours that are equal; 1 beyond the border."""
    same = np.ones(plane.shape, np.float32)
    same[:, :-1] -= np.float32(0.5) * (plane[:, :-1] ^ plane[:, 1:])
    same[:-1] -= np.float32(0.5) * (plane[:-1] ^ plane[1:])
    return same


def _apply(view: View, channel: str, bit: int, shown: str) -> FilterResult:
    import cv2

    values = channels.channel(view, channel)
    plane = (values >> np.uint8(bit)) & np.uint8(1)
    same = equal_neighbours(plane)
    finding = (
        f"Bit {bit} of {channel} is set in {100 * float(plane.mean()):.1f} % of the pixels and equals that of its "
        f"neighbours in {100 * float(same.mean(dtype=np.float64)):.1f} % (50 % in pure noise)."
    )
    if shown == LOWER_BITS:
        lower = values & np.uint8(2 ** (bit + 1) - 1)
        return FilterResult(finding, cv2.multiply(lower, 255 / (2 ** (bit + 1) - 1)))
    if shown == NEIGHBOURS:
        fraction = cv2.blur(same, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT_101)
        return FilterResult(
            finding, colormap(((fraction * 2 - 1) * np.float32(255)).clip(0, 255).astype(np.uint8), "heat")
        )
    return FilterResult(finding, plane * np.uint8(255))


FILTER = Filter(
    name="bit_planes",
    title="Bit planes",
    category="Noise",
    shows="One bit of every pixel as black or white (bit 0 changes the value by 1, bit 7 by 128), all bits up to it "
    "as grey, or how often neighbouring bits are equal: dark as in noise, bright where they are all the same.",
    read="The lowest bits of a photo look like noise everywhere. A uniform patch, letters, stripes or a block "
    "pattern within the noise is a region that was painted, filled or used to hide data later.",
    cannot="Strong JPEG compression and overexposed areas also destroy the low bits.",
    apply=_apply,
    parameters=(
        Choice("channel", "Channel", channels.NAMES, "brightness"),
        Slider("bit", "Bit", 0, 7, 0, 1),
        Choice("shown", "Show", (BIT, LOWER_BITS, NEIGHBOURS), BIT),
    ),
    version=2,
)
