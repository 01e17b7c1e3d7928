"""Error level analysis: how much the pixels change when the image is recompressed as JPEG.

Krawetz, A Image's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007.

At native resolution, on the central crop of at most 512 px a side whose corner lies on the 8-pixel JPEG grid: recompressed
at quality 90 with 4:2:0 chroma. The error of a pixel is its largest absolute change over R, G and B, in levels of 0..255.
Blocks are 16 x 16 px; what needs blocks is NaN below 32 px a side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import error_level, shared
from cgid.features.signals.shared import block_means
from cgid.imaging.display import colormap, normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

QUALITY = 90
MAP_SIDE = 1024  # px a side of the part shown in the map


def error_map(rgb: np.ndarray) -> np.ndarray:
    """uint8 (H, W): largest absolute change of each pixel of uint8 (H, W, 3) by one JPEG compression of quality 90."""
    return error_level.largest_channel(error_level.recompression_error(rgb, QUALITY))


def compute(image: ImageFile) -> dict[str, float]:
    import cv2

    rgb = image.cached(shared.pixels)
    error = error_map(rgb)
    counts = cv2.calcHist([error], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    levels = np.arange(256.0)
    mean = float(counts @ levels / error.size)
    p50, p90, p99 = (float(np.searchsorted(counts.cumsum(), q * error.size)) for q in (0.50, 0.90, 0.99))
    values = {
        "mean_error": mean,
        "max_error": float(error.max()),
        "std_error": float(np.sqrt(max(0.0, float(counts @ levels**2 / error.size - mean**2)))),
        "p50_error": p50,
        "p90_error": p90,
        "p99_error": p99,
        "zero_share": float(counts[0] / error.size),
    }
    return values | _block_values(error) | _per_contrast(rgb, mean)


def _block_values(error: np.ndarray) -> dict[str, float]:
    if min(error.shape) < 2 * error_level.BLOCK:
        return {}
    means = block_means(error, error_level.BLOCK)
    mean = float(means.mean())
    return {
        "anomaly_score": error_level.outlier_fraction(means),
        "block_unevenness": float(means.std() / mean) if mean > 0 else 0.0,
        "block_highest": float(means.max() - float(np.median(means))),
    }


def _per_contrast(rgb: np.ndarray, mean_error: float) -> dict[str, float]:
    """Textured images have larger errors regardless of origin; this normalises the error by the image's own contrast."""
    if min(rgb.shape[:2]) < 2:
        return {}
    import cv2

    green = cv2.extractChannel(rgb, 1)
    down = cv2.norm(green[1:], green[:-1], cv2.NORM_L1) / green[1:].size
    across = cv2.norm(green[:, 1:], green[:, :-1], cv2.NORM_L1) / green[:, 1:].size
    steps = down + across
    return {"error_per_contrast": float(mean_error / steps)} if steps > 0 else {}


def draw(image: ImageFile) -> np.ndarray:
    error = thumbnail(error_map(image.centre_crop(MAP_SIDE)))
    return colormap(normalise_contrast(error, 0, max(8.0, float(np.percentile(error, 99.5)))))


_LEVELS = "levels of 0..255"
GROUP = FeatureGroup(
    key="ela",
    title="Error level analysis",
    family="content",
    prefix="ela",
    version=2,
    meaning="How much the pixels change when the image is recompressed as JPEG (quality 90).",
    features=(
        Feature("mean_error", "Mean error", "Mean change of a pixel by recompression", _LEVELS),
        Feature("max_error", "Largest error", "Largest change of any pixel by recompression", _LEVELS),
        Feature("std_error", "Standard deviation of the error", "Standard deviation of the pixels' change", _LEVELS),
        Feature("p50_error", "Median error", "Half of the pixels change by at most this much", _LEVELS),
        Feature("p90_error", "90th percentile", "Nine in ten pixels change by at most this much", _LEVELS),
        Feature("p99_error", "99th percentile", "99 in 100 pixels change by at most this much", _LEVELS),
        Feature("zero_share", "Unchanged pixels", "Fraction of pixels unchanged by recompression", "share 0..1"),
        Feature(
            "anomaly_score",
            "Outlier blocks",
            "Fraction of 16 x 16 blocks whose mean error lies more than three robust deviations above the median block",
            "share 0..1",
        ),
        Feature(
            "block_unevenness",
            "Variation between blocks",
            "Standard deviation of the blocks' mean errors divided by their mean",
            "ratio",
        ),
        Feature("block_highest", "Highest block", "Mean error of the highest block above the median block", _LEVELS),
        Feature(
            "error_per_contrast",
            "Error per contrast",
            "Mean error divided by the mean step between neighbouring pixels, since textured images have larger errors",
            "ratio",
        ),
    ),
    compute=compute,
    cite="Krawetz, A Image's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007",
    maps=(
        Map(
            "error",
            "Error levels",
            draw,
            legend="Bright: pixels that change much under recompression. Dark: pixels that hardly change.",
            caution="Depends on content: edges and texture are bright in every image. Never a verdict.",
        ),
    ),
    weakness="Depends on content and the last compression more than on origin; recompression at similar quality erases it.",
    not_applicable="Values over blocks: under 32 px a side. The others always exist.",
)
