"""Neighbouring pixel relationships (NPR): generator up-sampling correlates the pixels of each 2 x 2 cell.

NPR, the residual x - up2(down2(x)) with nearest-neighbour scaling: Tan et al., Rethinking the Up-Sampling Operations
in CNN-based Generative Network for Generalizable Deepfake Detection, CVPR 2024, arXiv:2312.10461. Nearest halving keeps
the upper left pixel of each 2 x 2 cell, so that pixel's residual is always 0: it is left out here, and the other three
are the differences to it across, down and diagonal. Per colour channel, on the 8-bit values as stored (not turned by
EXIF, so that the cells start at the image's corner), even sizes, central crop. Sums of whole numbers: exact.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import Feature, FeatureGroup, Map
from cgid.features.signals import shared
from cgid.features.signals.shared import block_means
from cgid.imaging.display import colormap, normalise_contrast, thumbnail

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

BLOCK = 16  # cells a side of the blocks compared: 32 px
MAP_SIDE = 1024


def stored_pixels(image: ImageFile, cap: int = shared.CAP) -> np.ndarray:
    """uint8 (h, w, 3): central crop in the file's own orientation, its corner on the 8-px grid."""
    if image.orientation == 1 and cap == shared.CAP:
        return image.cached(shared.pixels)
    pixels = image.stored
    top, left = (max(0, side - cap) // 2 // 8 * 8 for side in pixels.shape[:2])
    return pixels[top : top + cap, left : left + cap]


def cells(pixels: np.ndarray) -> tuple[list[np.ndarray], list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """(int16 (3, h // 2, w // 2) residuals across, down, diagonal; (upper left, upper right, lower left) pixels) per
    channel.
    """
    import cv2

    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    residuals, corners = [], []
    for plane in cv2.split(np.ascontiguousarray(pixels[:height, :width])):
        # Splitting little-endian pairs is faster than strided columns.
        pairs = plane.reshape(height, width).view("<u2")
        left, right = (pairs & 255).view(np.int16), (pairs >> 8).view(np.int16)
        corner = left[::2]
        residual = np.empty((3, height // 2, width // 2), np.int16)
        np.subtract(right[::2], corner, out=residual[0])
        np.subtract(left[1::2], corner, out=residual[1])
        np.subtract(right[1::2], corner, out=residual[2])
        residuals.append(residual)
        corners.append((corner, right[::2], left[1::2]))
    return residuals, corners


@lru_cache(maxsize=1)
def _powers() -> np.ndarray:
    """float64 (511, 4): first to fourth power of each difference -255..255."""
    return np.arange(-255.0, 256.0)[:, None] ** np.arange(1, 5)


def compute(image: ImageFile) -> dict[str, float]:
    pixels = stored_pixels(image)
    if min(pixels.shape[:2]) < 2:
        return {}
    residuals, corners = cells(pixels)
    counts = np.array([[np.bincount(d.ravel() + 255, minlength=511) for d in r] for r in residuals], np.float64)
    n = counts[0, 0].sum()
    sums = counts @ _powers()  # (channel, direction, power)
    energy = sums[..., 1]
    across, down, diagonal = energy.sum(axis=0)
    red, green, blue = energy.sum(axis=1)
    mean, second, third, fourth = sums.sum(axis=(0, 1)) / (9 * n)
    variance = second - mean**2
    fourth += mean * (-4 * third + 6 * mean * second - 3 * mean**3)
    changed = np.bitwise_or.reduce([np.bitwise_or.reduce(r) for r in residuals])
    corner, right, lower = corners[1]
    return {
        "variance": variance,
        "kurtosis": fourth / variance**2 - 3 if variance > 1e-9 else np.nan,
        "zero_share": counts[..., 255].sum() / (9 * n),
        "copied_cells": 1 - np.count_nonzero(changed) / n,
        "across_down": _relative_difference(across, down),
        "diagonal": diagonal / (across + down) if across + down > 0 else np.nan,
        "red_green": _relative_difference(red, green),
        "blue_green": _relative_difference(blue, green),
        "red_blue_correlation": _correlation(residuals[0], residuals[2], red, blue),
        "pairs_across": _relative_difference(_mean_square(corner[:, 1:], right[:, :-1]), energy[1, 0] / n),
        "pairs_down": _relative_difference(_mean_square(corner[1:], lower[:-1]), energy[1, 1] / n),
        "unevenness": _block_variation(residuals[1]),
    }


def _relative_difference(a: float, b: float) -> float:
    """(a - b) / (a + b): -1..1; NaN if both are 0 or one is NaN."""
    return float((a - b) / (a + b)) if a + b > 0 else np.nan


def _mean_square(a: np.ndarray, b: np.ndarray) -> float:
    """Of the differences of two arrays of 0..255; NaN where there are none."""
    if not a.size:
        return np.nan
    difference = np.subtract(a, b, dtype=np.float32)
    difference *= difference
    return float(difference.sum(dtype=np.float64)) / difference.size


def _correlation(a: np.ndarray, b: np.ndarray, power_a: float, power_b: float) -> float:
    """Correlation of two channels' residuals, assuming zero means."""
    if not power_a * power_b > 0:
        return np.nan
    return float(np.multiply(a, b, dtype=np.float32).sum(dtype=np.float64) / np.sqrt(power_a * power_b))


def _block_variation(residual: np.ndarray) -> float:
    """Standard deviation over mean of the blocks' residual strength; NaN below two blocks a side or where nothing varies."""
    if min(residual.shape[1:]) < 2 * BLOCK:
        return np.nan
    values = residual.astype(np.float32)
    values *= values
    strength = np.sqrt(block_means(values[0] + values[1] + values[2], BLOCK))
    mean = float(strength.mean())
    return float(strength.std()) / mean if mean > 0 else np.nan


def draw(image: ImageFile) -> np.ndarray:
    pixels = stored_pixels(image, MAP_SIDE)
    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    if not height or not width:
        return colormap(np.zeros(pixels.shape[:2], np.uint8))
    whole = pixels[:height, :width].astype(np.int16)
    repeated = whole[::2, ::2].repeat(2, axis=0).repeat(2, axis=1)
    residual = np.abs(whole - repeated).max(axis=2)
    return colormap(thumbnail(normalise_contrast(residual, 0, max(8.0, float(np.percentile(residual, 99))))))


_CONTRAST = "-1..1"
GROUP = FeatureGroup(
    key="residual_npr",
    title="Neighbouring pixels (NPR)",
    family="content",
    prefix="npr",
    version=1,
    meaning="Differences of the pixels in each 2 x 2 cell from its first: up-sampling in a generator correlates them.",
    features=(
        Feature("variance", "Variance", "Variance of the differences inside the cells", "levels² of 0..255"),
        Feature("kurtosis", "Excess kurtosis", "Heaviness of the differences' tails; 0 for Gaussian noise", "number"),
        Feature("zero_share", "Zeros", "Fraction of differences that are exactly zero", "share 0..1"),
        Feature(
            "copied_cells",
            "Copied cells",
            "Fraction of 2 x 2 cells whose four pixels are the same colour",
            "share 0..1",
        ),
        Feature(
            "across_down",
            "Across against down",
            "Energy of the differences across against down: 0 equal, 1 all across, -1 all down",
            _CONTRAST,
        ),
        Feature(
            "diagonal",
            "Diagonal differences",
            "Energy of diagonal differences over those across and down: 0.5 for independent pixels, 1 for ramps",
            "ratio",
        ),
        Feature("red_green", "Red against green", "Energy of the differences in red against green", _CONTRAST),
        Feature("blue_green", "Blue against green", "Energy of the differences in blue against green", _CONTRAST),
        Feature(
            "red_blue_correlation", "Red with blue", "Correlation of the differences in red with those in blue", "-1..1"
        ),
        Feature(
            "pairs_across",
            "Pairs across",
            "Differences between cells against inside them, across: 0 in photographs, 1 where every pixel was doubled",
            _CONTRAST,
        ),
        Feature(
            "pairs_down",
            "Pairs down",
            "Differences between cells against inside them, down: 0 in photographs, 1 where every pixel was doubled",
            _CONTRAST,
        ),
        Feature(
            "unevenness",
            "Variation between blocks",
            "Standard deviation of the differences of 32 x 32 px blocks over their mean",
            "ratio",
        ),
    ),
    compute=compute,
    cite="Tan et al., Rethinking the Up-Sampling Operations…, CVPR 2024, arXiv:2312.10461",
    maps=(
        Map(
            "residual",
            "Difference to the cell's first pixel",
            draw,
            legend="Bright: the pixel differs from the upper left one of its 2 x 2 cell. Dark: it is equal.",
            caution="Edges and texture are bright in every image; a bright spot is no sign of forgery on its own.",
        ),
    ),
    weakness="Sharpness, denoising, any resize and JPEG change it as much as a generator does; photographs that were"
    " enlarged look like generated ones.",
    not_applicable="Under 2 px a side; ratios and shape where no pixel differs; variation between blocks under 64 px a side.",
)
