"""Shows each edge with its echoes, the double lines that sharpening, blurring by software and cutting out leave.

The second derivative (Laplacian of a Gaussian) of each colour channel, as a size of response: a clean edge answers by
two thin lines, one on each side; halos, feathered masks and artificial blur by more lines, or by none.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import about_grey
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

SIGNED = "rise and fall (grey is none)"


def response(values: np.ndarray, scale: float) -> np.ndarray:
    """float32, as `values` (h, w) or (h, w, 3): Laplacian after a Gaussian of `scale` px, times scale²."""
    import cv2

    smooth = cv2.GaussianBlur(values, (0, 0), scale, borderType=cv2.BORDER_REFLECT_101)
    return cv2.Laplacian(smooth, cv2.CV_32F, scale=scale**2, borderType=cv2.BORDER_REFLECT_101)


def _draw(view: View, shown: str, scale: float, floor: float, gain: float) -> Drawn:
    found = response(view.rgb.astype(np.float32) if shown == "each colour" else view.luma, scale)
    size = np.abs(found)
    over = size >= floor
    told = (
        f"At {scale:g} px, {100 * np.count_nonzero(over) / max(over.size, 1):.1f} % of the values answer with {floor:g} levels "
        f"or more; the mean answer is {float(size.mean()):.2f} levels."
    )
    if shown == SIGNED:
        return Drawn(told, about_grey(np.where(over, found, np.float32(0)), 127 / gain))
    size *= over
    size *= np.float32(gain)
    return Drawn(told, size.clip(0, 255).astype(np.uint8))


FILTER = Filter(
    name="echo_edges",
    title="Echo edges",
    shelf="Edges and detail",
    shows="How sharply brightness bends at each pixel (second derivative), for details of the chosen size.",
    read="Edges at the same distance answer alike. A region without any answer among sharp things was blurred by "
    "software; an outline with double or triple lines, or bright in one colour only, was sharpened, feathered or cut "
    "out.",
    cannot="Shallow depth of field blurs honestly, and phones sharpen and blur faces and backgrounds by themselves.",
    draw=_draw,
    parameters=(
        Choice("shown", "Show", ("each colour", "brightness", SIGNED), "each colour"),
        Slider("scale", "Size of detail", 0.5, 6.0, 1.0, 0.5, "px"),
        Slider("floor", "Hide answers below", 0.0, 40.0, 1.0, 0.5, "levels"),
        Slider("gain", "Gain", 1.0, 60.0, 20.0, 1.0),
    ),
)
