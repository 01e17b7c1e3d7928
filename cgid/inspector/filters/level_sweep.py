"""Steep contrast around one tone: sweeping it makes seams between pasted parts visible."""

from __future__ import annotations

import numpy as np

from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

ALL_CHANNELS = "all three colours"


def ramp(level: int, width: int) -> np.ndarray:
    """uint8 (256,): black up to level - width/2, white from level + width/2, a straight rise between."""
    return np.rint((127.5 + (np.arange(256) - level) * (255 / width)).clip(0, 255)).astype(np.uint8)


def _apply(view: View, level: int, width: int, shown: str) -> FilterResult:
    import cv2

    values = view.rgb if shown == ALL_CHANNELS else channel(view, shown)
    inside = np.abs(values.astype(np.int16) - np.int16(level)) <= width / 2
    return FilterResult(
        f"Between black and white lie the values {max(level - width / 2, 0):.0f} to {min(level + width / 2, 255):.0f}, "
        f"{100 * np.count_nonzero(inside) / inside.size:.1f} % of all.",
        cv2.LUT(values, ramp(level, width)),
    )


FILTER = Filter(
    name="level_sweep",
    title="Level sweep",
    category="Edges and detail",
    shows="A narrow range of tones spread from black to white; darker tones are black, brighter ones white.",
    read="Move the level slowly from end to end. Edges of pasted parts, brush strokes and fills in skies, walls and "
    "shadows appear suddenly, along lines that the scene does not explain.",
    cannot="JPEG blocks and smooth natural gradients appear too: straight 8 px steps and long soft rings.",
    apply=_apply,
    parameters=(
        Slider("level", "Level", 0, 255, 128, 1),
        Slider("width", "Width of the range", 1, 128, 24, 1),
        Choice("shown", "Channel", (ALL_CHANNELS, *NAMES), ALL_CHANNELS),
    ),
)
