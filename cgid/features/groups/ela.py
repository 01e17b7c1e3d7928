"""Error level analysis: how much the pixels change when the picture is saved as JPEG once more.

Krawetz, A Picture's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007.

At native resolution, on the central crop of at most 512 px a side whose corner lies on the 8-pixel JPEG grid: saved at
quality 90 with 4:2:0 colour. The error of a pixel is its largest absolute change over R, G and B, in levels of 0..255.
Blocks are 16 x 16 px; what needs blocks is NaN below 32 px a side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import error_level, shared
from cgid.features.signals.shared import block_means
from cgid.imaging.display import fit, heat, stretch

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

QUALITY = 90
DRAWN = 1024  # px a side of the part that is drawn for people


def error_map(rgb: np.ndarray) -> np.ndarray:
    """uint8 (H, W): largest absolute change of each pixel of uint8 (H, W, 3) through one JPEG of quality 90."""
    return error_level.largest(error_level.change(rgb, QUALITY))


def compute(image: ImageFile) -> dict[str, float]:
    import cv2

    rgb = image.once(shared.pixels)
    error = error_map(rgb)
    counts = cv2.calcHist([error], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    levels = np.arange(256.0)
    mean = float(counts @ levels / error.size)
    p50, p90, p99 = (float(np.searchsorted(counts.cumsum(), q * error.size)) for q in (0.50, 0.90, 0.99))
    values = {
        "mean_error": mean,
        "max_error": float(error.max()),
        "std_error": float(np.sqrt(max(0.0, counts @ levels**2 / error.size - mean**2))),
        "p50_error": p50,
        "p90_error": p90,
        "p99_error": p99,
        "zero_share": float(counts[0] / error.size),
    }
    return values | _over_blocks(error) | _per_contrast(rgb, mean)


def _over_blocks(error: np.ndarray) -> dict[str, float]:
    if min(error.shape) < 2 * error_level.BLOCK:
        return {}
    means = block_means(error, error_level.BLOCK)
    mean = float(means.mean())
    return {
        "anomaly_score": error_level.outlier_share(means),
        "block_unevenness": float(means.std() / mean) if mean > 0 else 0.0,
        "block_highest": float(means.max() - float(np.median(means))),
    }


def _per_contrast(rgb: np.ndarray, mean_error: float) -> dict[str, float]:
    """A busy picture has larger errors whoever made it; this sets the error against the picture's own edges."""
    if min(rgb.shape[:2]) < 2:
        return {}
    import cv2

    green = cv2.extractChannel(rgb, 1)
    down = cv2.norm(green[1:], green[:-1], cv2.NORM_L1) / green[1:].size
    across = cv2.norm(green[:, 1:], green[:, :-1], cv2.NORM_L1) / green[:, 1:].size
    steps = down + across
    return {"error_per_contrast": float(mean_error / steps)} if steps > 0 else {}


def draw(image: ImageFile) -> np.ndarray:
    error = fit(error_map(image.middle(DRAWN)))
    return heat(stretch(error, 0, max(8.0, float(np.percentile(error, 99.5)))))


_LEVELS = "levels of 0..255"
GROUP = FeatureGroup(
    key="ela",
    title="Error level analysis",
    family="content",
    prefix="ela",
    version=2,
    meaning="How much the pixels change when the picture is saved as JPEG (quality 90) once more.",
    features=(
        Feature("mean_error", "Mean error", "Average change of a pixel through one more JPEG save", _LEVELS),
        Feature("max_error", "Largest error", "Largest change of any pixel through one more JPEG save", _LEVELS),
        Feature("std_error", "Spread of the error", "Standard deviation of the pixels' change", _LEVELS),
        Feature("p50_error", "Median error", "Half of the pixels change by at most this much", _LEVELS),
        Feature("p90_error", "90th percentile", "Nine in ten pixels change by at most this much", _LEVELS),
        Feature("p99_error", "99th percentile", "99 in 100 pixels change by at most this much", _LEVELS),
        Feature(
            "zero_share", "Unchanged pixels", "Share of pixels that one more JPEG save leaves as they are", "share 0..1"
        ),
        Feature(
            "anomaly_score",
            "Blocks that stand out",
            "Share of 16 x 16 blocks whose mean error lies more than three robust deviations above the median block",
            "share 0..1",
        ),
        Feature("block_unevenness", "Unevenness", "Spread of the blocks' mean errors divided by their mean", "ratio"),
        Feature("block_highest", "Highest block", "Mean error of the highest block above the median block", _LEVELS),
        Feature(
            "error_per_contrast",
            "Error per contrast",
            "Mean error divided by the mean step between neighbouring pixels: busy pictures have larger errors anyway",
            "ratio",
        ),
    ),
    compute=compute,
    cite="Krawetz, A Picture's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007",
    maps=(
        Map(
            "error",
            "Error levels",
            draw,
            legend="Bright: pixels that change much when saved as JPEG again. Dark: pixels that hardly change.",
            caution="Depends on content: edges and texture are bright in every picture. Never a verdict.",
        ),
    ),
    weakness="Follows content and the last JPEG save more than the origin; a re-save at similar quality erases it.",
    not_applicable="Values over blocks: under 32 px a side. The others always exist.",
)
