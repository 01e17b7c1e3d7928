"""Steepens the contrast around one tone: sweep it, and seams between parts pasted side by side flash up in turn."""

from __future__ import annotations

import numpy as np

from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

ALL = "all three colours"


def ramp(level: int, width: int) -> np.ndarray:
    """uint8 (256,): black up to level - width/2, white from level + width/2, a straight rise between."""
    return np.rint((127.5 + (np.arange(256) - level) * (255 / width)).clip(0, 255)).astype(np.uint8)


def _draw(view: View, level: int, width: int, shown: str) -> Drawn:
    import cv2

    values = view.rgb if shown == ALL else channel(view, shown)
    inside = np.abs(values.astype(np.int16) - np.int16(level)) <= width / 2
    return Drawn(
        f"Between black and white lie the values {max(level - width / 2, 0):.0f} to {min(level + width / 2, 255):.0f}, "
        f"{100 * np.count_nonzero(inside) / inside.size:.1f} % of all.",
        cv2.LUT(values, ramp(level, width)),
    )


FILTER = Filter(
    name="level_sweep",
    title="Level sweep",
    shelf="Edges and detail",
    shows="A narrow range of tones spread from black to white; all that is darker is black, all that is brighter white.",
    read="Move the level slowly from end to end. Edges of pasted parts, brush strokes and fills in skies, walls and "
    "shadows appear suddenly, along lines that nothing in the scene explains.",
    cannot="JPEG blocks and smooth gradients of honest light appear too: straight 8 px steps and long soft rings.",
    draw=_draw,
    parameters=(
        Slider("level", "Level", 0, 255, 128, 1),
        Slider("width", "Width of the range", 1, 128, 24, 1),
        Choice("shown", "Channel", (ALL, *NAMES), ALL),
    ),
)
