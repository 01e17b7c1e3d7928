"""Stripe patterns that repeat: the peaks of the spectrum, ringed and named by their period."""

from __future__ import annotations

from cgid.forensics.evidence.piece import Evidence, Kind, Material
from cgid.forensics.peaks_map import KEY, about, drawn

# Peaks are a trace to look at, not a verdict: scenes have them too.
STRENGTH = 0.03
FOUND = "with a period of"  # in the bench's words where it found one


def find(material: Material) -> list[Evidence]:
    """One piece where peaks stand out of the spectrum of the picture's middle."""
    finding = material.image.once(drawn).finding
    if FOUND not in finding:
        return []
    filter_ = about()
    return [
        Evidence(
            key="peaks",
            title=filter_.title,
            sentence=finding,
            strength=STRENGTH,
            points_to="neither",
            fooled_by=filter_.cannot,
            maps=(KEY,),
            rows=(("How to read it", filter_.read),),
            source=filter_.cite,
        )
    ]


KIND = Kind("peaks", find)
