"""One channel of a colour space alone: compression blocks and retouching hide in colour, where eyes see badly."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import PALETTES, coloured, equalised, stretched
from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Drawn, Filter
from cgid.inspector.view import View

CONTRASTS = {"as it is": np.asarray, "stretched": stretched, "equalised": equalised}


def _draw(view: View, shown: str, contrast: str, colours: str) -> Drawn:
    values = channel(view, shown)
    tones = CONTRASTS[contrast](values)
    counts = np.bincount(values.ravel(), minlength=256)
    used = np.flatnonzero(counts)
    mean = float(counts @ np.arange(256)) / values.size
    spread = float(np.sqrt(counts @ np.square(np.arange(256) - mean) / values.size))
    return Drawn(
        f"{shown[:1].upper() + shown[1:]} runs from {used[0]} to {used[-1]} of 255, mean {mean:.1f}, standard deviation "
        f"{spread:.1f}, {len(used)} different values.",
        tones if colours == "grey" else coloured(tones, colours),
    )


FILTER = Filter(
    name="colour_spaces",
    title="Colour channels",
    shelf="Colour and light",
    shows="One channel as a grey picture: red, green, blue, or hue, saturation, lightness, colour differences, inks, "
    "or the smallest, the largest and the spread of the three primary colours.",
    read="Look for regions whose colour noise or blocks differ from what lies around them: smooth patches in Cb or Cr, "
    "seams in hue, cut edges in saturation. Retouched skin and sky often show first in a and b of Lab.",
    cannot="JPEG keeps colour at half the resolution and in 8 or 16 px blocks, so coarse colour alone proves nothing.",
    draw=_draw,
    parameters=(
        Choice("shown", "Channel", NAMES, "blue difference (Cb)"),
        Choice("contrast", "Contrast", tuple(CONTRASTS), "stretched"),
        Choice("colours", "Colours", ("grey", *PALETTES), "grey"),
    ),
)
