"""Out of focus, or smoothed by a filter: Gaussian blur."""

import numpy as np

from cgid.imaging.degrade import gaussian_blur
from cgid.studies.degradation import Degradation, in_strips


def soft(rgb: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of `sigma` px; strip by strip the same as at once."""
    return in_strips(rgb, int(4 * sigma + 0.5) + 1, lambda rows: gaussian_blur(rows, sigma))


DEGRADATION = Degradation(
    name="blur",
    title="Blurred",
    unit="sigma in pixels",
    levels=(0.5, 1, 1.5, 2, 3),
    said="blur of {level:g} px",
    bounds=(0, 50),
    apply=lambda rgb, level, random: soft(rgb, level) if level > 0 else rgb,
    order=3,
)
