"""Out of focus, or smoothed by a filter: Gaussian blur.

Saved again as JPEG, as every messenger and web site does.

Grain, as of high ISO, scans or a filter: normal noise in every pixel and channel.

Made smaller, as previews and uploads are; the picture stays small.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.imaging.degrade import gaussian_blur, gaussian_noise
from cgid.imaging.jpeg_encode import reencode
from cgid.robustness.degradation import Degradation, in_strips


def soft(rgb: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of `sigma` px; strip by strip the same as at once."""
    return in_strips(rgb, int(4 * sigma + 0.5) + 1, lambda rows: gaussian_blur(rows, sigma))


BLUR = Degradation(
    name="blur",
    title="Blurred",
    unit="sigma in pixels",
    levels=(0.5, 1, 1.5, 2, 3),
    said="blur of {level:g} px",
    bounds=(0, 50),
    apply=lambda rgb, level, random: soft(rgb, level) if level > 0 else rgb,
    order=3,
)


JPEG = Degradation(
    name="jpeg",
    title="Saved again as JPEG",
    unit="JPEG quality",
    levels=(95, 90, 80, 70, 60, 50, 40, 30),
    said="JPEG quality {level:g}",
    bounds=(1, 100),
    apply=lambda rgb, level, random: reencode(rgb, round(level)),
    order=1,
)


def grainy(rgb: np.ndarray, deviation: float, random: np.random.Generator) -> np.ndarray:
    """Normal noise of `deviation` levels of 255, drawn row after row."""
    return in_strips(rgb, 0, lambda rows: gaussian_noise(rows, deviation, random))


NOISE = Degradation(
    name="noise",
    title="Grain added",
    unit="noise, in levels of 255",
    levels=(2, 5, 10, 20),
    said="noise of {level:g} levels",
    bounds=(0, 255),
    apply=lambda rgb, level, random: grainy(rgb, level, random),
    order=4,
)


def smaller(rgb: np.ndarray, factor: float) -> np.ndarray:
    """Both sides times `factor` (at least 1 px), Lanczos: the way the tiers are made smaller."""
    image = Image.fromarray(rgb)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


RESIZE = Degradation(
    name="resize",
    title="Made smaller",
    unit="side, of the original",
    levels=(0.9, 0.75, 0.5, 0.35, 0.25),
    said="{level:.0%} of its size",
    bounds=(0.01, 1),
    apply=lambda rgb, level, random: smaller(rgb, level),
    order=2,
)

DEGRADATIONS = (
    BLUR,
    JPEG,
    NOISE,
    RESIZE,
)
