"""Estimates the colour of the light place by place: a part that was photographed in other light keeps its own.

Regions lit in another colour as a sign of manipulation: Riess and Angelopoulou, Scene illumination as an indicator of
image manipulation, Information Hiding 2010, doi:10.1007/978-3-642-16435-4_6 (they use another estimator on segments).
The estimators here: a norm of each channel (grey world, shades of grey) or of its derivative (grey edge) is taken as
neutral: van de Weijer, Gevers and Gijsenij, Edge-based color constancy, IEEE TIP 16(9), 2007. The values are brought
back to amounts of light by sRGB's curve first; clipped and nearly black pixels do not count.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cgid.imaging.display import coloured
from cgid.inspector.channels import channel
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.view import View

# name -> (order of the derivative, exponent of the norm, share of the mean signal below which a place says nothing:
# even areas have no edges but their noise)
ESTIMATORS = {"grey edge": (1, 1, 0.4), "grey world": (0, 1, 0.02), "shades of grey": (0, 6, 1e-6)}
LIGHT, ANGLE = "colour of the light", "angle from the whole view"
DARKEST, BRIGHTEST = 12, 250
FULL = 12.0  # degrees that are drawn brightest


@lru_cache(maxsize=1)
def _light_of_values() -> np.ndarray:
    """float32 (256,): 0..1, inverse of sRGB's transfer curve (IEC 61966-2-1)."""
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def signals(view: View, estimator: str) -> np.ndarray:
    """float32 (h, w, 3): what is summed for each channel; 0 where a pixel does not count."""
    import cv2

    order, exponent, _ = ESTIMATORS[estimator]
    light = _light_of_values()[view.rgb]
    counted = channel(view, "largest of red, green, blue") < BRIGHTEST
    counted &= channel(view, "smallest of red, green, blue") > DARKEST
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


def angles(estimate: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """float32 (h, w): degrees between each light (h, w, 3) and `reference` (3,); 0 for equal colours."""
    length = np.sqrt(np.square(estimate).sum(axis=-1))
    cosine = (estimate @ (reference / np.linalg.norm(reference)).astype(np.float32)) / np.maximum(length, 1e-12)
    return np.degrees(np.arccos(cosine.clip(-1, 1)))


def _draw(view: View, shown: str, estimator: str, side: int) -> Drawn:
    import cv2

    height, width = view.luma.shape
    fine = max(2, side // 8)  # px: the map is made on a grid and drawn smoothly between its points
    grid = (max(1, width // fine), max(1, height // fine))
    found = cv2.resize(signals(view, estimator), grid, interpolation=cv2.INTER_AREA)
    whole = found.reshape(-1, 3).mean(axis=0, dtype=np.float64)
    _, exponent, least = ESTIMATORS[estimator]
    gray = (view.luma * np.float32(0.25)).astype(np.uint8)
    picture = cv2.merge([gray] * 3)
    if not whole.min() > 0:
        return Drawn("There is nothing here to estimate the light from: too even, too dark or clipped.", picture)
    here = np.maximum(cv2.blur(found, (side // fine, side // fine), borderType=cv2.BORDER_REFLECT_101), 0)
    known = here.sum(axis=2) > least * whole.sum()
    here, whole = here ** np.float32(1 / exponent), whole ** (1 / exponent)
    away = angles(here, whole)
    if shown == ANGLE:
        drawn = coloured((away * np.float32(255 / FULL)).clip(0, 255).astype(np.uint8), "heat")
    else:
        drawn = (here * (215 / np.maximum(here.max(axis=2, keepdims=True), np.float32(1e-12)))).astype(np.uint8)
    drawn = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_LINEAR)
    judged = cv2.resize(known.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    cv2.copyTo(cv2.add(drawn, picture // 6) if shown == LIGHT else drawn, judged, picture)
    return Drawn(_told(whole, away[known], known), picture)


def _told(whole: np.ndarray, away: np.ndarray, known: np.ndarray) -> str:
    red, green, blue = whole / whole.sum() * 100
    middle, high = np.percentile(away, [50, 90]) if away.size else (0.0, 0.0)
    return (
        f"The light of the whole view is estimated as {red:.0f} % red, {green:.0f} % green, {blue:.0f} % blue; places "
        f"typically depart from it by {middle:.1f}°, one in ten by more than {high:.1f}° "
        f"({100 * float(known.mean()):.0f} % of the view could be judged)."
    )


FILTER = Filter(
    name="white_balance",
    title="Colour of the light",
    shelf="Colour and light",
    shows="The colour of the light as estimated around each pixel, or by how many degrees it departs from that of the "
    "whole view; dark grey where there is nothing to judge by.",
    read="Compare things of like material and like exposure, such as two faces: if one is bluish and the other orange "
    "though they stand side by side, one of them may come from another picture.",
    cannot="Large coloured surfaces are taken for coloured light, and sun with shade, lamps with windows or flash give "
    "several colours honestly: it never proves a forgery.",
    draw=_draw,
    parameters=(
        Choice("shown", "Show", (LIGHT, ANGLE), LIGHT),
        Choice("estimator", "Estimate", tuple(ESTIMATORS), "grey edge"),
        Slider("side", "Region", 16, 256, 96, 16, "px"),
    ),
    cite="Riess and Angelopoulou, IH 2010; van de Weijer et al., IEEE TIP 16(9), 2007",
)
