"""Degradations of web processing: Gaussian blur, JPEG recompression, Gaussian noise and downscaling."""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgid.imaging.degrade import gaussian_blur, gaussian_noise
from cgid.imaging.jpeg_encode import reencode
from cgid.robustness.degradation import Degradation, in_strips


def blur_in_strips(rgb: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of `sigma` px, computed in strips; the same result as on the whole image."""
    return in_strips(rgb, int(4 * sigma + 0.5) + 1, lambda rows: gaussian_blur(rows, sigma))


BLUR = Degradation(
    name="blur",
    title="Blurred",
    unit="sigma in pixels",
    levels=(0.5, 1, 1.5, 2, 3),
    description="blur of {level:g} px",
    bounds=(0, 50),
    apply=lambda rgb, level, random: blur_in_strips(rgb, level) if level > 0 else rgb,
    order=3,
)


JPEG = Degradation(
    name="jpeg",
    title="JPEG recompression",
    unit="JPEG quality",
    levels=(95, 90, 80, 70, 60, 50, 40, 30),
    description="JPEG quality {level:g}",
    bounds=(1, 100),
    apply=lambda rgb, level, random: reencode(rgb, round(level)),
    order=1,
)


def add_noise(rgb: np.ndarray, deviation: float, random: np.random.Generator) -> np.ndarray:
    """Gaussian noise with a standard deviation of `deviation` grey levels (of 255), sampled row by row."""
    return in_strips(rgb, 0, lambda rows: gaussian_noise(rows, deviation, random))


NOISE = Degradation(
    name="noise",
    title="Noise added",
    unit="standard deviation, in levels of 255",
    levels=(2, 5, 10, 20),
    description="noise of {level:g} levels",
    bounds=(0, 255),
    apply=lambda rgb, level, random: add_noise(rgb, level, random),
    order=4,
)


def downscale(rgb: np.ndarray, factor: float) -> np.ndarray:
    """Both sides times `factor` (at least 1 px), Lanczos, as in the tiers."""
    image = Image.fromarray(rgb)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


RESIZE = Degradation(
    name="resize",
    title="Downscaled",
    unit="side, of the original",
    levels=(0.9, 0.75, 0.5, 0.35, 0.25),
    description="{level:.0%} of its size",
    bounds=(0.01, 1),
    apply=lambda rgb, level, random: downscale(rgb, level),
    order=2,
)

DEGRADATIONS = (
    BLUR,
    JPEG,
    NOISE,
    RESIZE,
)
