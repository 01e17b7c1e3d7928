"""Marks local extremes, pixels brighter or darker than all neighbours: smoothing, scaling and filling reduce them.

In independent noise each of the n pixels of a window is equally likely to be its largest, so a share of 1/n lies above
all neighbours, and as many below: 11.1 % each for 3 x 3 px.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import colormap
from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

ABOVE, BELOW = (255, 150, 40), (60, 140, 255)
MIN_TONE = 110  # tone of a pixel one level beyond
MARKED, DENSITY = "marked pixels", "how many lie close by"


def deviations(values: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 (h, w) each: levels above the largest, and below the smallest, of the neighbours within `reach` px."""
    import cv2

    around = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    around[reach, reach] = 0
    largest, smallest = (f(values, around, borderType=cv2.BORDER_REFLECT_101) for f in (cv2.dilate, cv2.erode))
    return cv2.subtract(values, largest), cv2.subtract(smallest, values)


def _apply(view: View, shown: str, values: str, reach: int, gain: int, mark: int) -> FilterResult:
    import cv2

    above, below = deviations(channel(view, values), reach)
    shares = [100 * np.count_nonzero(p) / p.size for p in (above, below)]
    finding = (
        f"{shares[0]:.1f} % of the pixels lie above all neighbours and {shares[1]:.1f} % below; in pure noise it would be "
        f"{100 / (2 * reach + 1) ** 2:.1f} % each."
    )
    if shown == DENSITY:
        density = cv2.blur(((above | below) > 0).astype(np.float32), (33, 33), borderType=cv2.BORDER_REFLECT_101)
        density *= np.float32((2 * reach + 1) ** 2 / 2)  # brightest where as many as in pure noise
        return FilterResult(
            finding, colormap((np.sqrt(density) * np.float32(255)).clip(0, 255).astype(np.uint8), "heat")
        )
    tones = np.minimum(MIN_TONE + gain * (np.arange(256) - 1), 255).astype(np.uint8)
    tones[0] = 0
    spot = np.ones((mark, mark), np.uint8)
    up, down = (cv2.dilate(cv2.LUT(p, tones), spot) for p in (above, below))
    mixed = [cv2.addWeighted(up, a / 255, down, b / 255, 0) for a, b in zip(ABOVE, BELOW)]
    return FilterResult(finding, cv2.merge(mixed))


FILTER = Filter(
    name="min_max_deviation",
    title="Min / max deviation",
    category="Edges and detail",
    shows="Pixels that lie above the brightest (orange) or below the darkest (blue) of their neighbours, and by how "
    "much; or how many such pixels lie close by.",
    read="In a photo such pixels are evenly distributed over areas of similar brightness. A region with far fewer was "
    "smoothed, enlarged, filled or generated; with far more, it was sharpened or noise was added.",
    cannot="Strong JPEG compression removes them everywhere; bright and textured areas have more than dark and uniform "
    "ones in any photo.",
    apply=_apply,
    parameters=(
        Choice("shown", "Show", (MARKED, DENSITY), MARKED),
        Choice("values", "Channel", NAMES, "brightness"),
        Slider("reach", "Neighbours up to", 1, 4, 1, 1, "px away"),
        Slider("gain", "Gain", 1, 64, 24, 1),
        Slider("mark", "Size of a mark", 1, 5, 2, 1, "px"),
    ),
)
