"""At which tiers and strengths a run is judged, and an image at all of them, decoded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgid.imaging.degrade import TIERS, degrade
from cgid.studies.degradation import all_degradations, random_of

COLUMNS = ("tier", "degradation", "level")  # of a table of predictions: which point a row belongs to
CLEAN = "clean"
NO_LEVEL = float("nan")  # one object, so that a tier equals itself


@dataclass(frozen=True, slots=True)
class Point:
    """Either a tier (`clean`, `web`, `hard`) or a degradation at a level; the other is "" and NaN."""

    tier: str = ""
    degradation: str = ""
    level: float = NO_LEVEL

    @property
    def title(self) -> str:
        """In words, e.g. `JPEG quality 60`."""
        if self.degradation:
            return all_degradations()[self.degradation].say(self.level)
        recipe = TIERS[self.tier]
        if recipe is None:
            return "as they are"
        return f"the tier {self.tier} (long side at most {recipe[0]} px, JPEG quality {recipe[1]})"

    def of(self, rgb: np.ndarray, sha256: str, seed: int) -> np.ndarray:
        """uint8 (H, W, 3) of the file with this sha256, degraded: uint8 (h, w, 3)."""
        if self.tier:
            return degrade(rgb, self.tier)
        made = all_degradations()[self.degradation]
        return made.apply(rgb, self.level, random_of(seed, sha256, self.degradation))


def all_points() -> list[Point]:
    """The tiers, then every curve from mild to severe."""
    curves = [Point(degradation=d.name, level=float(level)) for d in all_degradations().values() for level in d.levels]
    return [Point(tier=tier) for tier in TIERS] + curves
