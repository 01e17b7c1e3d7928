"""Saved again as JPEG, as every messenger and web site does."""

from cgid.imaging.jpeg_encode import reencode
from cgid.studies.degradation import Degradation

DEGRADATION = Degradation(
    name="jpeg",
    title="Saved again as JPEG",
    unit="JPEG quality",
    levels=(95, 90, 80, 70, 60, 50, 40, 30),
    said="JPEG quality {level:g}",
    bounds=(1, 100),
    apply=lambda rgb, level, random: reencode(rgb, round(level)),
    order=1,
)
