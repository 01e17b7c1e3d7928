"""Channels of common colour spaces as 8-bit grey of the view's size, and its fine residual; computed once per view.

The residual is what a 3 x 3 median removes: noise, grids and copies show in it, the scene does not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cgid.inspector.view import View

Planes = Callable[[View], np.ndarray]


def _converted(code: str) -> Planes:
    def planes(view: View) -> np.ndarray:
        import cv2

        return cv2.cvtColor(view.rgb, getattr(cv2, code))

    return planes


hsv = _converted("COLOR_RGB2HSV_FULL")  # hue: 256 steps are the whole circle, 0 is red
lab = _converted("COLOR_RGB2Lab")  # L 0..255; a, b: 128 is neutral
luv = _converted("COLOR_RGB2Luv")  # u -134..220 and v -140..122 over 0..255
ycc = _converted("COLOR_RGB2YCrCb")  # as in JPEG (JFIF): Y, Cr, Cb; 128 is neutral


def rgb(view: View) -> np.ndarray:
    return view.rgb


def brightness(view: View) -> np.ndarray:
    """uint8 (h, w): Rec. 601 luma, rounded."""
    return (view.luma + np.float32(0.5)).astype(np.uint8)


def cmyk(view: View) -> np.ndarray:
    """uint8 (h, w, 4): amounts of ink without a press profile; black takes what the three inks have in common."""
    ink = 255 - view.rgb
    black = ink.min(axis=2)
    room = np.maximum(255 - black, 1)[..., None].astype(np.float32)
    inks = (ink - black[..., None]) * (np.float32(255) / room)
    return np.concatenate([(inks + np.float32(0.5)).astype(np.uint8), black[..., None]], axis=2)


def _extremes(view: View) -> np.ndarray:
    import cv2

    red, green, blue = cv2.split(view.rgb)
    least, most = (join(join(red, green), blue) for join in (cv2.min, cv2.max))
    return np.stack([least, most, most - least], axis=2)


RGB = ("red", "green", "blue")
_PLANES: dict[str, tuple[Planes, int]] = {
    **{name: (rgb, k) for k, name in enumerate(RGB)},
    **{f"{name} (HSV)": (hsv, k) for k, name in enumerate(("hue", "saturation", "value"))},
    **{f"{name} (Lab)": (lab, k) for k, name in enumerate(("lightness", "green to red", "blue to yellow"))},
    **{f"{name} (Luv)": (luv, k) for k, name in enumerate(("L", "u", "v"))},
    "blue difference (Cb)": (ycc, 2),
    "red difference (Cr)": (ycc, 1),
    **{f"{name} (CMYK)": (cmyk, k) for k, name in enumerate(("cyan", "magenta", "yellow", "black"))},
    **{f"{name} of red, green, blue": (_extremes, k) for k, name in enumerate(("smallest", "largest", "spread"))},
}
NAMES = ("brightness", *_PLANES)


def channel(view: View, name: str) -> np.ndarray:
    """uint8 (h, w), contiguous: the channel called `name`, one of NAMES."""
    if name == "brightness":
        return view.cached(brightness)
    planes, k = _PLANES[name]
    return np.ascontiguousarray(view.cached(planes)[..., k])


MAX_RESIDUAL = 10.0  # levels: larger values are edges of the scene, which would dominate


def residual(view: View) -> np.ndarray:
    """float32 (h, w): brightness minus its 3 x 3 median, clipped at +-MAX_RESIDUAL."""
    import cv2

    gray = view.cached(brightness)
    return (gray.astype(np.float32) - cv2.medianBlur(gray, 3)).clip(-MAX_RESIDUAL, MAX_RESIDUAL)
