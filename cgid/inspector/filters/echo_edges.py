"""Echo edges: the double lines at edges that sharpening, software blur and cut-outs leave.

Magnitude of the second derivative (Laplacian of Gaussian) of each colour channel: a clean edge gives two thin lines,
one on each side; halos, feathered masks and artificial blur give more lines, or none.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import signed_to_grey
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

SIGNED = "rise and fall (grey is none)"


def laplacian(values: np.ndarray, scale: float) -> np.ndarray:
    """float32, as `values` (h, w) or (h, w, 3): Laplacian after a Gaussian of `scale` px, times scale²."""
    import cv2

    smooth = cv2.GaussianBlur(values, (0, 0), scale, borderType=cv2.BORDER_REFLECT_101)
    return cv2.Laplacian(smooth, cv2.CV_32F, scale=scale**2, borderType=cv2.BORDER_REFLECT_101)


def _apply(view: View, shown: str, scale: float, floor: float, gain: float) -> FilterResult:
    responses = laplacian(view.rgb.astype(np.float32) if shown == "each colour" else view.luma, scale)
    size = np.abs(responses)
    over = size >= floor
    finding = (
        f"At {scale:g} px, {100 * np.count_nonzero(over) / max(over.size, 1):.1f} % of the responses are {floor:g} levels "
        f"or more; the mean response is {float(size.mean()):.2f} levels."
    )
    if shown == SIGNED:
        return FilterResult(finding, signed_to_grey(np.where(over, responses, np.float32(0)), 127 / gain))
    size *= over
    size *= np.float32(gain)
    return FilterResult(finding, size.clip(0, 255).astype(np.uint8))


FILTER = Filter(
    name="echo_edges",
    title="Echo edges",
    category="Edges and detail",
    shows="The second derivative of brightness at each pixel, for details of the chosen size.",
    read="Edges at the same distance give similar responses. A region without a response among sharp objects was blurred "
    "by software; an outline with double or triple lines, or bright in one colour only, was sharpened, feathered or "
    "cut out.",
    cannot="Shallow depth of field also blurs, and phones sharpen and blur faces and backgrounds automatically.",
    apply=_apply,
    parameters=(
        Choice("shown", "Show", ("each colour", "brightness", SIGNED), "each colour"),
        Slider("scale", "Size of detail", 0.5, 6.0, 1.0, 0.5, "px"),
        Slider("floor", "Minimum response", 0.0, 40.0, 1.0, 0.5, "levels"),
        Slider("gain", "Gain", 1.0, 60.0, 20.0, 1.0),
    ),
)
