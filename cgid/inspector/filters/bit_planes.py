"""Shows one bit of every pixel: the lowest ones hold noise, hidden marks and the traces of flat retouching.

In pure noise a bit equals that of its right and of its lower neighbour in half of the cases. The map of likeness is the
share of equal neighbours within 33 x 33 px.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import coloured
from cgid.inspector import channels
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

BIT, BELOW, LIKENESS = "one bit", "it and all lower bits", "likeness to neighbours"
WINDOW = 33  # px


def alike(plane: np.ndarray) -> np.ndarray:
    """float32 (h, w) of a plane of 0 and 1: which share of the right and lower neighbour is equal; 1 beyond the rim."""
    same = np.ones(plane.shape, np.float32)
    same[:, :-1] -= np.float32(0.5) * (plane[:, :-1] ^ plane[:, 1:])
    same[:-1] -= np.float32(0.5) * (plane[:-1] ^ plane[1:])
    return same


def _draw(view: View, channel: str, bit: int, shown: str) -> Drawn:
    import cv2

    values = channels.channel(view, channel)
    plane = (values >> np.uint8(bit)) & np.uint8(1)
    same = alike(plane)
    told = (
        f"Bit {bit} of {channel} is set in {100 * float(plane.mean()):.1f} % of the pixels and equals that of its "
        f"neighbours in {100 * float(same.mean(dtype=np.float64)):.1f} % (50 % in pure noise)."
    )
    if shown == BELOW:
        lower = values & np.uint8(2 ** (bit + 1) - 1)
        return Drawn(told, cv2.multiply(lower, 255 / (2 ** (bit + 1) - 1)))
    if shown == LIKENESS:
        share = cv2.blur(same, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT_101)
        return Drawn(told, coloured(((share * 2 - 1) * np.float32(255)).clip(0, 255).astype(np.uint8), "heat"))
    return Drawn(told, plane * np.uint8(255))


FILTER = Filter(
    name="bit_planes",
    title="Bit planes",
    shelf="Noise",
    shows="One bit of every pixel as black or white (bit 0 changes the value by 1, bit 7 by 128), all bits up to it "
    "as grey, or how alike neighbouring bits are: dark as in snow, bright where they are all the same.",
    read="The lowest bits of a camera picture look like snow everywhere. A clean patch, letters, stripes or a block "
    "pattern among the snow is a region that was painted, filled or hidden in later.",
    cannot="Strong JPEG compression and overexposed areas wipe the low bits out by themselves.",
    draw=_draw,
    parameters=(
        Choice("channel", "Channel", channels.NAMES, "brightness"),
        Slider("bit", "Bit", 0, 7, 0, 1),
        Choice("shown", "Show", (BIT, BELOW, LIKENESS), BIT),
    ),
    version=2,
)
