"""Local illuminant estimation: a part photographed in other light keeps its own colour cast.

Regions lit in another colour as a sign of manipulation: Riess and Angelopoulou, Scene illumination as an indicator of
image manipulation, Information Hiding 2010, doi:10.1007/978-3-642-16435-4_6 (they use another estimator on segments).
The estimators here: a norm of each channel (grey world, shades of grey) or of its derivative (grey edge) is taken as
neutral: van de Weijer, Gevers and Gijsenij, Edge-based color constancy, IEEE TIP 16(9), 2007. The values are
linearised by the sRGB transfer curve first; clipped and nearly black pixels are ignored.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cgid.imaging.display import colormap
from cgid.inspector.channels import channel
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

# name -> (order of the derivative, exponent of the norm, fraction of the mean signal below which a position is ignored:
# uniform areas have no edges but noise)
ESTIMATORS = {"grey edge": (1, 1, 0.4), "grey world": (0, 1, 0.02), "shades of grey": (0, 6, 1e-6)}
LIGHT, ANGLE = "colour of the light", "angle from the whole view"
MIN_LEVEL, MAX_LEVEL = 12, 250
FULL_SCALE = 12.0  # degrees displayed brightest


@lru_cache(maxsize=1)
def _linear_light() -> np.ndarray:
    """float32 (256,): 0..1, inverse of sRGB's transfer curve (IEC 61966-2-1)."""
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def channel_signals(view: View, estimator: str) -> np.ndarray:
    """float32 (h, w, 3): signal summed per channel; 0 where a pixel is ignored."""
    import cv2

    order, exponent, _ = ESTIMATORS[estimator]
    light = _linear_light()[view.rgb]
    counted = channel(view, "largest of red, green, blue") < MAX_LEVEL
    counted &= channel(view, "smallest of red, green, blue") > MIN_LEVEL
    if order:
        smooth = cv2.GaussianBlur(light, (0, 0), 1.0, borderType=cv2.BORDER_REFLECT_101)
        rise = [
            cv2.Sobel(smooth, cv2.CV_32F, *d, scale=1 / 8, borderType=cv2.BORDER_REFLECT_101) for d in ((1, 0), (0, 1))
        ]
        light = cv2.magnitude(*(r.reshape(-1, 3) for r in rise)).reshape(light.shape)
        counted = cv2.erode(counted.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    if exponent == 6:
        light = np.square(light) * light
        light = np.square(light)
    light *= counted[..., None]
    return light


def angular_distance(estimate: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """float32 (h, w): degrees between each light (h, w, 3) and `reference` (3,); 0 for equal colours."""
    length = np.sqrt(np.square(estimate).sum(axis=-1))
    cosine = (estimate @ (reference / np.linalg.norm(reference)).astype(np.float32)) / np.maximum(length, 1e-12)
    return np.degrees(np.arccos(cosine.clip(-1, 1)))


def _apply(view: View, shown: str, estimator: str, side: int) -> FilterResult:
    import cv2

    height, width = view.luma.shape
    fine = max(2, side // 8)  # px: the map is computed on a grid and interpolated
    grid = (max(1, width // fine), max(1, height // fine))
    grid_signals = cv2.resize(channel_signals(view, estimator), grid, interpolation=cv2.INTER_AREA)
    whole = grid_signals.reshape(-1, 3).mean(axis=0, dtype=np.float64)
    _, exponent, min_fraction = ESTIMATORS[estimator]
    gray = (view.luma * np.float32(0.25)).astype(np.uint8)
    picture = cv2.merge([gray] * 3)
    if not whole.min() > 0:
        return FilterResult("The light cannot be estimated in this view: too uniform, too dark or clipped.", picture)
    here = np.maximum(cv2.blur(grid_signals, (side // fine, side // fine), borderType=cv2.BORDER_REFLECT_101), 0)
    known = here.sum(axis=2) > min_fraction * whole.sum()
    here, whole = here ** np.float32(1 / exponent), whole ** (1 / exponent)
    departures = angular_distance(here, whole)
    if shown == ANGLE:
        tones = colormap((departures * np.float32(255 / FULL_SCALE)).clip(0, 255).astype(np.uint8), "heat")
    else:
        tones = (here * (215 / np.maximum(here.max(axis=2, keepdims=True), np.float32(1e-12)))).astype(np.uint8)
    tones = cv2.resize(tones, (width, height), interpolation=cv2.INTER_LINEAR)
    known_pixels = cv2.resize(known.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    cv2.copyTo(cv2.add(tones, picture // 6) if shown == LIGHT else tones, known_pixels, picture)
    return FilterResult(_describe(whole, departures[known], known), picture)


def _describe(whole: np.ndarray, departures: np.ndarray, known: np.ndarray) -> str:
    red, green, blue = whole / whole.sum() * 100
    median, high = np.percentile(departures, [50, 90]) if departures.size else (0.0, 0.0)
    return (
        f"The light of the whole view is estimated as {red:.0f} % red, {green:.0f} % green, {blue:.0f} % blue; positions "
        f"typically deviate from it by {median:.1f}°, one in ten by more than {high:.1f}° "
        f"({100 * float(known.mean()):.0f} % of the view could be evaluated)."
    )


FILTER = Filter(
    name="white_balance",
    title="Colour of the light",
    category="Colour and light",
    shows="The colour of the light as estimated around each pixel, or its angle in degrees to that of the "
    "whole view; dark grey where it cannot be estimated.",
    read="Compare objects of the same material and exposure, such as two faces: if one is bluish and the other orange "
    "although they are side by side, one of them may come from another image.",
    cannot="Large coloured surfaces are mistaken for coloured light, and sun with shade, lamps with windows or flash "
    "naturally give several colours: it never proves a forgery.",
    apply=_apply,
    parameters=(
        Choice("shown", "Show", (LIGHT, ANGLE), LIGHT),
        Choice("estimator", "Estimate", tuple(ESTIMATORS), "grey edge"),
        Slider("side", "Region", 16, 256, 96, 16, "px"),
    ),
    cite="Riess and Angelopoulou, IH 2010; van de Weijer et al., IEEE TIP 16(9), 2007",
)
