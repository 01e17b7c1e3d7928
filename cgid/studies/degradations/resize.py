"""Made smaller, as previews and uploads are; the picture stays small."""

import numpy as np
from PIL import Image

from cgid.studies.degradation import Degradation


def smaller(rgb: np.ndarray, factor: float) -> np.ndarray:
    """Both sides times `factor` (at least 1 px), Lanczos: the way the tiers are made smaller."""
    image = Image.fromarray(rgb)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


DEGRADATION = Degradation(
    name="resize",
    title="Made smaller",
    unit="side, of the original",
    levels=(0.9, 0.75, 0.5, 0.35, 0.25),
    said="{level:.0%} of its size",
    bounds=(0.01, 1),
    apply=lambda rgb, level, random: smaller(rgb, level),
    order=2,
)
