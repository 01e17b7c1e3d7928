"""Maps the sharpness of edges by region: inserted parts rarely have the same blur as their surroundings.

A Gaussian edge of s px that is blurred again by r px loses gradient at its centre by q = sqrt(s² + r²) / s, so that
s = r / sqrt(q² - 1): Zhuo and Sim, Defocus map estimation from a single image, Pattern Recognition 44(9), 2011. Here
the image is first smoothed by FIRST px against noise; its variance, the derivative's (1/3 px²) and the pixel's own
(1/12 px²) are taken off. Only ridges of the gradient count; a region's value is their median on a grid of STEP px.
"""

from __future__ import annotations

import numpy as np

from cgid.imaging.display import colormap, normalise_contrast, normalise_percentiles
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.view import View

BLUR, DETAIL = "blur of edges", "fine detail (Laplacian variance)"
FIRST_SIGMA, SECOND_SIGMA = 1.0, 2.0  # px
INTRINSIC_VARIANCE = FIRST_SIGMA**2 + 1 / 3 + 1 / 12  # px², blur that the measurement itself adds
MAX_BLUR, STEP = 5.0, 0.1  # px
MIN_EDGE_PIXELS = 12  # edge pixels that a region needs


def edge_blur(gray: np.ndarray, edge: float) -> np.ndarray:
    """float32 (h, w): px of Gaussian blur on edges of `edge` levels per px or more after smoothing, NaN elsewhere."""
    import cv2

    smooth = cv2.GaussianBlur(gray, (0, 0), FIRST_SIGMA, borderType=cv2.BORDER_REFLECT_101)
    once = _gradient(smooth)
    twice = _gradient(cv2.GaussianBlur(smooth, (0, 0), SECOND_SIGMA, borderType=cv2.BORDER_REFLECT_101))
    ridge = (once >= edge) & (once >= cv2.dilate(once, np.ones((3, 3), np.uint8)) * np.float32(0.97))
    lost = np.square(once[ridge]) / np.square(np.maximum(twice[ridge], np.float32(1e-3)))
    squared = SECOND_SIGMA**2 / np.maximum(lost - 1, np.float32(1e-3)) - INTRINSIC_VARIANCE
    widths = np.full(gray.shape, np.nan, np.float32)
    widths[ridge] = np.sqrt(squared.clip(0, MAX_BLUR**2))
    return widths


def _gradient(gray: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.magnitude(
        *(cv2.Sobel(gray, cv2.CV_32F, *d, scale=1 / 8, borderType=cv2.BORDER_REFLECT_101) for d in ((1, 0), (0, 1)))
    )


def region_medians(values: np.ndarray, side: int) -> np.ndarray:
    """float32 (rows, columns): median of the known values in each square of `side` px, NaN where fewer than MIN_EDGE_PIXELS."""
    row, column = np.nonzero(~np.isnan(values))
    rows, columns = (-(-n // side) for n in values.shape)
    bins = round(MAX_BLUR / STEP) + 1
    level = np.rint(values[row, column] / STEP).clip(0, bins - 1).astype(np.intp)
    region = (row // side) * columns + column // side
    counts = np.bincount(region * bins + level, minlength=rows * columns * bins).reshape(rows * columns, bins)
    total = counts.sum(axis=1)
    median = (counts.cumsum(axis=1) >= (total[:, None] + 1) // 2).argmax(axis=1) * np.float32(STEP)
    return np.where(total >= MIN_EDGE_PIXELS, median, np.nan).astype(np.float32).reshape(rows, columns)


def _apply(view: View, method: str, side: int, edge: float) -> FilterResult:
    if method == DETAIL:
        return _apply_detail(view, side)
    regions = region_medians(edge_blur(view.luma, edge), side)
    known = regions[~np.isnan(regions)]
    gray = (view.luma * np.float32(0.35)).astype(np.uint8)
    picture = np.repeat(gray[..., None], 3, axis=2)
    if not known.size:
        return FilterResult("No region has enough edges to measure sharpness.", picture)
    low, high = (float(np.percentile(known, q)) for q in (10, 90))
    sharp = 255 - normalise_contrast(np.nan_to_num(regions, nan=MAX_BLUR), 0, max(2 * float(np.median(known)), 2.0))
    known_wide = _to_pixels(~np.isnan(regions), side, gray.shape)
    picture[known_wide] = _to_pixels(colormap(sharp, "viridis"), side, gray.shape)[known_wide] // 4 * 3
    picture += np.where(known_wide, gray // 3, 0).astype(np.uint8)[..., None]
    return FilterResult(
        f"Edges are typically blurred by {float(np.median(known)):.1f} px, in four of five regions by {low:.1f} to "
        f"{high:.1f} px; "
        f"{100 * known.size / regions.size:.0f} % of the regions have enough edges.",
        picture,
    )


def _to_pixels(regions: np.ndarray, side: int, shape: tuple[int, ...]) -> np.ndarray:
    return regions.repeat(side, axis=0)[: shape[0]].repeat(side, axis=1)[:, : shape[1]]


def _apply_detail(view: View, side: int) -> FilterResult:
    import cv2

    bend = cv2.Laplacian(view.luma, cv2.CV_32F, borderType=cv2.BORDER_REFLECT_101)
    power = cv2.blur(np.square(bend), (side, side), borderType=cv2.BORDER_REFLECT_101)
    log = np.log10(np.maximum(power, np.float32(0.01)))
    low, high = (float(10**v) for v in np.percentile(log[:: max(1, side // 2), :: max(1, side // 2)], (10, 90)))
    return FilterResult(
        f"Fine detail ranges from {low:.1f} to {high:.1f} (Laplacian variance in levels²) in four fifths of the view.",
        colormap(normalise_percentiles(log), "viridis"),
    )


FILTER = Filter(
    name="edge_sharpness",
    title="Sharpness map",
    category="Edges and detail",
    shows="How sharp edges are in each region: yellow is sharp, blue blurred, dark grey has no edges to measure; or the "
    "amount of fine detail.",
    read="Sharpness should follow distance: objects at the same distance are equally sharp. An object sharper or "
    "softer than its neighbours was scaled, retouched or comes from another image.",
    cannot="Motion, shallow focus, portrait modes and soft objects (hair, clouds, shadows) blur without any "
    "forgery; dots and thin lines appear sharper than the outlines of objects.",
    apply=_apply,
    parameters=(
        Choice("method", "Measure", (BLUR, DETAIL), BLUR),
        Slider("side", "Region", 8, 96, 32, 8, "px"),
        Slider("edge", "Minimum edge gradient", 1.0, 20.0, 3.0, 0.5, "levels/px"),
    ),
    cite="Zhuo and Sim, Pattern Recognition 44(9), 2011",
)
