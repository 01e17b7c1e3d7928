"""Shows one bit of every pixel: the lowest ones hold noise, hidden marks and the traces of flat retouching."""

from __future__ import annotations

import numpy as np

from cgid.bench.filter import Choice, Drawn, Filter, Slider
from cgid.bench.view import View

CHANNELS = {"red": 0, "green": 1, "blue": 2}


def _draw(view: View, channel: str, bit: int) -> Drawn:
    values = view.luma.astype(np.uint8) if channel == "brightness" else view.rgb[..., CHANNELS[channel]]
    plane = (values >> np.uint8(bit)) & np.uint8(1)
    share = float(plane.mean())
    return Drawn(f"Bit {bit} of {channel} is set in {100 * share:.1f} % of the pixels.", plane * np.uint8(255))


FILTER = Filter(
    name="bit_planes",
    title="Bit planes",
    shelf="Noise",
    shows="One bit of every pixel as black or white; bit 0 changes the value by 1, bit 7 by 128.",
    read="The lowest bits of a camera picture look like snow everywhere. A clean patch, letters, stripes or a block "
    "pattern among the snow is a region that was painted, filled or hidden in later.",
    cannot="Strong JPEG compression and overexposed areas wipe the low bits out by themselves.",
    draw=_draw,
    parameters=(
        Choice("channel", "Channel", ("brightness", *CHANNELS), "brightness"),
        Slider("bit", "Bit", 0, 7, 0, 1),
    ),
)
