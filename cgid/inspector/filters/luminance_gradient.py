"""Luminance gradient: surfaces of one scene are lit from the same directions.

Luminance gradient as a visual aid: Krawetz, A Image's Worth, Black Hat DC 2008. Derivatives by Sobel or
Scharr, scaled to grey levels per px.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.imaging.display import signed_to_grey
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

WHEEL, MIXED, STRENGTH = "direction as colour wheel", "direction as red and green", "strength alone"
ACROSS, DOWN = "across", "down"
SOBEL, SCHARR = "Sobel", "Scharr"
DIRECTIONS = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")


def derivatives(gray: np.ndarray, kernel: str, smooth: float) -> tuple[np.ndarray, np.ndarray]:
    """float32 (h, w), in grey levels per px: rise to the right, rise downwards. smooth: px, 0 for none."""
    import cv2

    if smooth > 0:
        gray = cv2.GaussianBlur(gray, (0, 0), smooth, borderType=cv2.BORDER_REPLICATE)
    take, scale = (cv2.Sobel, 1 / 8) if kernel == SOBEL else (cv2.Scharr, 1 / 32)
    options: dict[str, Any] = {"scale": scale, "borderType": cv2.BORDER_REPLICATE}
    return take(gray, cv2.CV_32F, 1, 0, **options), take(gray, cv2.CV_32F, 0, 1, **options)


def _apply(view: View, shown: str, full: float, smooth: float, kernel: str) -> FilterResult:
    import cv2

    right, down = derivatives(view.luma, kernel, smooth)
    strength, angle = cv2.cartToPolar(right, down)
    return FilterResult(_describe(strength, angle), _picture(shown, full, right, down, strength, angle))


def _picture(
    shown: str, full: float, right: np.ndarray, down: np.ndarray, strength: np.ndarray, angle: np.ndarray
) -> np.ndarray:
    import cv2

    if shown == ACROSS:
        return signed_to_grey(right, full)
    if shown == DOWN:
        return signed_to_grey(down, full)
    bright = (strength * np.float32(255 / full)).clip(0, 255).astype(np.uint8)
    if shown == STRENGTH:
        return bright
    if shown == WHEEL:
        hue = (angle * np.float32(255 / (2 * np.pi))).astype(np.uint8)
        return cv2.cvtColor(cv2.merge([hue, np.full_like(hue, 200), bright]), cv2.COLOR_HSV2RGB_FULL)
    return cv2.merge([signed_to_grey(right, full), signed_to_grey(down, full), bright])


def _describe(strength: np.ndarray, angle: np.ndarray) -> str:
    eighth = (angle * np.float32(4 / np.pi) + np.float32(0.5)).astype(np.uint8) & 7
    weight = np.bincount(eighth.ravel(), weights=strength.ravel(), minlength=8)
    if weight.sum() < 1e-3 * strength.size:
        return "The view is uniform: brightness does not change anywhere."
    strongest = int(weight.argmax())
    return (
        f"Brightness changes by {float(strength.mean()):.2f} levels per px on average; most of it ("
        f"{100 * weight[strongest] / weight.sum():.0f} %, even would be 12.5 %) rises towards the {DIRECTIONS[strongest]}."
    )


FILTER = Filter(
    name="luminance_gradient",
    title="Luminance gradient",
    category="Edges and detail",
    shows="How steeply brightness rises at each pixel (brighter is steeper) and in which direction (the colour: "
    "in the wheel, red is right, green lower left, blue-violet upper left).",
    read="Round surfaces in the same light show the same colours on the same side. An object with "
    "its colours reversed is lit from another direction; smooth fills and cut-outs show as uniform or sharply "
    "outlined patches; JPEG blocks as a lattice.",
    cannot="Painted patterns, shadows and reflections change brightness too; it does not measure the light itself.",
    apply=_apply,
    parameters=(
        Choice("shown", "Show", (WHEEL, MIXED, STRENGTH, ACROSS, DOWN), WHEEL),
        Slider("full", "Full brightness at", 1.0, 60.0, 12.0, 1.0, "levels/px"),
        Slider("smooth", "Smoothing", 0.0, 6.0, 0.0, 0.5, "px"),
        Choice("kernel", "Derivative", (SOBEL, SCHARR), SOBEL),
    ),
    cite="Krawetz, A Image's Worth, Black Hat DC 2008",
)
