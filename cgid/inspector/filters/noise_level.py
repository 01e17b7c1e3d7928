"""Noise level map: estimates the noise in each block, so that parts from another image stand out."""

from __future__ import annotations

import numpy as np

from cgid.evaluate.robust import MAD_TO_STD
from cgid.imaging.display import colormap, normalise_contrast
from cgid.inspector.filter import Choice, Filter, FilterResult, Slider
from cgid.inspector.overlays import blocks_to_pixels, split_blocks
from cgid.inspector.view import View

# Daubechies' high-pass filter of eight taps (four vanishing moments), orthonormal.
_HIGH_PASS = np.array(
    [-0.23037781, 0.71484657, -0.63088077, -0.02798377, 0.18703481, 0.03084138, -0.03288301, -0.01059740], np.float32
)
DEVIATION_FACTOR = 2.0  # times the usual level, up or down
BRIGHTNESS_STEPS = 8  # of brightness, for the comparison of equally bright parts
MIN_NOISE = 0.05  # levels: smaller estimates count as no noise


def diagonal_detail(view: View) -> np.ndarray:
    """float32 (h, w): the finest diagonal wavelet detail at every pixel (undecimated), upright."""
    import cv2

    detail = cv2.sepFilter2D(view.luma, cv2.CV_32F, _HIGH_PASS, _HIGH_PASS, borderType=cv2.BORDER_REPLICATE)
    return np.abs(detail.reshape(view.luma.shape))


def noise_levels(view: View, side: int) -> np.ndarray:
    """float32 (rows, columns): standard deviation of the noise in each block, levels, by its median size."""
    blocks = split_blocks(view.cached(diagonal_detail), side)
    median_index = blocks.shape[-1] // 2
    return np.partition(blocks, median_index, axis=-1)[..., median_index] * np.float32(MAD_TO_STD)


def _apply(view: View, side: int, compare: str, reach: float) -> FilterResult:
    noise = noise_levels(view, side)
    light = split_blocks(view.luma, side).mean(axis=-1)
    inside = (light > 5) & (light < 250)  # clipped parts carry no noise whatever their origin
    if not inside.any() or noise[inside].max() < MIN_NOISE:
        return FilterResult("There is no noise to measure in this view.", np.zeros(view.luma.shape, np.uint8))
    usual = np.full(noise.shape, np.median(noise[inside]), np.float32)
    if compare == "with parts equally bright":
        step = (light * (BRIGHTNESS_STEPS / 256)).astype(int)
        for k in range(BRIGHTNESS_STEPS):
            if np.count_nonzero(here := inside & (step == k)) >= 8:
                usual[step == k] = np.median(noise[here])
    ratio = np.log2(np.maximum(noise, MIN_NOISE) / np.maximum(usual, MIN_NOISE))
    ratio[~inside] = -reach
    high, low = (float((s * ratio[inside] > np.log2(DEVIATION_FACTOR)).mean()) for s in (1, -1))
    finding = (
        f"The typical noise is {np.median(noise[inside]):.2f} levels; {100 * high:.0f} % of the blocks have more "
        f"than twice and {100 * low:.0f} % less than half of the typical level."
    )
    return FilterResult(
        finding, colormap(blocks_to_pixels(normalise_contrast(ratio, -reach, reach), side, view.luma.shape))
    )


FILTER = Filter(
    name="noise_level",
    title="Noise level map",
    category="Noise",
    shows="The noise level of each block, relative to the typical level of this view: bright is noisier, dark "
    "is smoother, the middle tone is typical.",
    read="Look for an area with a clear outline that is brighter or darker than similar areas elsewhere. Blocks of detail "
    "(hair, leaves) are bright in every image.",
    cannot="It mistakes fine texture for noise. Noise grows with brightness and is removed unevenly by phones and JPEG. "
    "Fully black and white parts are not evaluated and shown dark.",
    apply=_apply,
    parameters=(
        Slider("side", "Block size", 8, 64, 16, 4, "px"),
        Choice("compare", "Compare", ("with the whole view", "with parts equally bright"), "with the whole view"),
        Slider("reach", "Range", 0.5, 4.0, 2.0, 0.5, "doublings each way"),
    ),
    cite="Mahdian and Saic, Using noise inconsistencies for blind image forensics, 2009",
)
