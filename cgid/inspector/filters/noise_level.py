"""Measures how strong the grain is, block by block, so that a part from another picture stands out as a number."""

from __future__ import annotations

import numpy as np

from cgid.evaluate.robust import MAD_TO_STD
from cgid.imaging.display import heat, stretch
from cgid.inspector.filter import Choice, Drawn, Filter, Slider
from cgid.inspector.overlays import in_blocks, over_pixels
from cgid.inspector.view import View

# Daubechies' high-pass filter of eight taps (four vanishing moments), orthonormal.
_HIGH_PASS = np.array(
    [-0.23037781, 0.71484657, -0.63088077, -0.02798377, 0.18703481, 0.03084138, -0.03288301, -0.01059740], np.float32
)
APART = 2.0  # times the usual level, up or down
STEPS = 8  # of brightness, for the comparison of parts equally bright
LEAST = 0.05  # levels: below it there is no noise to speak of


def diagonal(view: View) -> np.ndarray:
    """float32 (h, w): the finest diagonal wavelet detail at every pixel (undecimated), upright."""
    import cv2

    found = cv2.sepFilter2D(view.luma, cv2.CV_32F, _HIGH_PASS, _HIGH_PASS, borderType=cv2.BORDER_REPLICATE)
    return np.abs(found.reshape(view.luma.shape))


def deviations(view: View, side: int) -> np.ndarray:
    """float32 (rows, columns): standard deviation of the noise in each block, levels, by its median size."""
    blocks = in_blocks(view.once(diagonal), side)
    middle = blocks.shape[-1] // 2
    return np.partition(blocks, middle, axis=-1)[..., middle] * np.float32(MAD_TO_STD)


def _draw(view: View, side: int, compare: str, reach: float) -> Drawn:
    noise = deviations(view, side)
    light = in_blocks(view.luma, side).mean(axis=-1)
    inside = (light > 5) & (light < 250)  # clipped parts carry no noise whatever their origin
    if not inside.any() or noise[inside].max() < LEAST:
        return Drawn("There is no grain to measure here.", np.zeros(view.luma.shape, np.uint8))
    usual = np.full(noise.shape, np.median(noise[inside]), np.float32)
    if compare == "with parts equally bright":
        step = (light * (STEPS / 256)).astype(int)
        for k in range(STEPS):
            if np.count_nonzero(here := inside & (step == k)) >= 8:
                usual[step == k] = np.median(noise[here])
    ratio = np.log2(np.maximum(noise, LEAST) / np.maximum(usual, LEAST))
    ratio[~inside] = -reach
    high, low = (float((s * ratio[inside] > np.log2(APART)).mean()) for s in (1, -1))
    finding = (
        f"The usual grain is {np.median(noise[inside]):.2f} levels strong; {100 * high:.0f} % of the blocks have more "
        f"than twice and {100 * low:.0f} % less than half of what is usual."
    )
    return Drawn(finding, heat(over_pixels(stretch(ratio, -reach, reach), side, view.luma.shape)))


FILTER = Filter(
    name="noise_level",
    title="Noise level map",
    shelf="Noise",
    shows="How strong the grain is in each block, against the usual strength in this view: bright is noisier, dark "
    "is quieter, the middle tone is usual.",
    read="Look for an area with a clear outline that is brighter or darker than its like elsewhere. Blocks of detail "
    "(hair, leaves) are bright in every picture.",
    cannot="It takes fine texture for grain. Noise grows with light and is cleaned away by phones and by JPEG, unevenly. "
    "Fully black and white parts are not judged and are drawn dark.",
    draw=_draw,
    parameters=(
        Slider("side", "Block size", 8, 64, 16, 4, "px"),
        Choice("compare", "Compare", ("with the whole view", "with parts equally bright"), "with the whole view"),
        Slider("reach", "Range", 0.5, 4.0, 2.0, 0.5, "doublings each way"),
    ),
    cite="Mahdian and Saic, Using noise inconsistencies for blind image forensics, 2009",
)
