"""False colour: maps similar tones to contrasting colours, so that steps, seams and plateaus in smooth areas show."""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import PALETTES, colormap
from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

CONTOURS = "grey with contour lines"


def _apply(view: View, shown: str, repeats: int, smooth: float, colours: str) -> FilterResult:
    import cv2

    values = channel(view, shown)
    if smooth > 0:
        values = cv2.GaussianBlur(values, (0, 0), smooth)
    phase = np.arange(256) * repeats / 256
    steps = 256 / repeats
    if colours == CONTOURS:
        band = cv2.LUT(values, phase.astype(np.uint8))
        picture = values.copy()
        picture[_rims(band)] = 255
        text = f"{np.count_nonzero(np.bincount(band.ravel()))} bands of {steps:.0f} values each"
    else:
        picture = colormap(cv2.LUT(values, (phase % 1 * 256).astype(np.uint8)), colours)
        text = f"The palette repeats {repeats} time{'s' * (repeats != 1)}, each time over {steps:.0f} values"
    used = int((np.bincount(values.ravel(), minlength=256) > 0).sum())
    return FilterResult(f"{text}; {shown} takes {used} of 256 values.", picture)


def _rims(band: np.ndarray) -> np.ndarray:
    """bool (h, w): pixels whose right or lower neighbour belongs to another band."""
    rims = np.zeros(band.shape, bool)
    rims[:, :-1] = band[:, :-1] != band[:, 1:]
    rims[:-1] |= band[:-1] != band[1:]
    return rims


FILTER = Filter(
    name="false_colour",
    title="False colour",
    category="Colour and light",
    shows="Brightness or one channel in a repeating colour palette, or contour lines as on a map.",
    read="Skies, walls and skin should change gently, with noise at every step. A plateau of one colour, a step along a "
    "straight line or contours that end abruptly show painting, filling or a seam.",
    cannot="Low-quality JPEG also creates plateaus of 8 x 8 px, and computed gradients are normal in graphics.",
    apply=_apply,
    parameters=(
        Choice("shown", "Channel", NAMES, "brightness"),
        Slider("repeats", "Repeats", 1, 32, 8, 1),
        Slider("smooth", "Smoothing", 0.0, 5.0, 0.0, 0.5, "px"),
        Choice("colours", "Colours", ("rainbow", *(p for p in PALETTES if p != "rainbow"), CONTOURS), "rainbow"),
    ),
)
