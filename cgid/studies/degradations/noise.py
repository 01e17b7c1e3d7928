"""Grain, as of high ISO, scans or a filter: normal noise in every pixel and channel."""

import numpy as np

from cgid.imaging.degrade import gaussian_noise
from cgid.studies.degradation import Degradation, in_strips


def grainy(rgb: np.ndarray, deviation: float, random: np.random.Generator) -> np.ndarray:
    """Normal noise of `deviation` levels of 255, drawn row after row."""
    return in_strips(rgb, 0, lambda rows: gaussian_noise(rows, deviation, random))


DEGRADATION = Degradation(
    name="noise",
    title="Grain added",
    unit="noise, in levels of 255",
    levels=(2, 5, 10, 20),
    said="noise of {level:g} levels",
    bounds=(0, 255),
    apply=lambda rgb, level, random: grainy(rgb, level, random),
    order=4,
)
