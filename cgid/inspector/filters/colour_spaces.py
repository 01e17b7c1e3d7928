"""Single channels of colour spaces: compression blocks and retouching are easier to see in chroma."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cgid.imaging.display import PALETTES, colormap, equalise_histogram, normalise_percentiles
from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Filter, FilterResult
from cgid.inspector.view import View

CONTRASTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": np.asarray,
    "stretched": normalise_percentiles,
    "equalised": equalise_histogram,
}


def _apply(view: View, shown: str, contrast: str, colours: str) -> FilterResult:
    values = channel(view, shown)
    tones = CONTRASTS[contrast](values)
    counts = np.bincount(values.ravel(), minlength=256)
    used = np.flatnonzero(counts)
    mean = float(counts @ np.arange(256)) / values.size
    spread = float(np.sqrt(counts @ np.square(np.arange(256) - mean) / values.size))
    return FilterResult(
        f"{shown[:1].upper() + shown[1:]} runs from {used[0]} to {used[-1]} of 255, mean {mean:.1f}, standard deviation "
        f"{spread:.1f}, {len(used)} different values.",
        tones if colours == "grey" else colormap(tones, colours),
    )


FILTER = Filter(
    name="colour_spaces",
    title="Colour channels",
    category="Colour and light",
    shows="One channel as a grey picture: red, green, blue, or hue, saturation, lightness, colour differences, inks, "
    "or the smallest, the largest and the range of the three primary colours.",
    read="Look for regions whose colour noise or blocks differ from their surroundings: smooth patches in Cb or Cr, "
    "seams in hue, cut edges in saturation. Retouched skin and sky often show first in a and b of Lab.",
    cannot="JPEG stores colour at half the resolution in 8 or 16 px blocks, so coarse colour alone proves nothing.",
    apply=_apply,
    parameters=(
        Choice("shown", "Channel", NAMES, "blue difference (Cb)"),
        Choice("contrast", "Contrast", tuple(CONTRASTS), "stretched"),
        Choice("colours", "Colours", ("grey", *PALETTES), "grey"),
    ),
)
