"""Evidence: a file that says nothing about itself, which is ordinary and is told as such."""

from __future__ import annotations

from cgid.features.parsers.exif_rules import Metadata
from cgid.forensics.evidence.piece import Evidence, Kind, Material


def find(material: Material) -> list[Evidence]:
    said = material.found.get("provenance") or {}
    metadata = material.image.once(Metadata)
    if said.get("statements") or metadata.facts or metadata.texts or metadata.xmp.present:
        return []
    return [
        Evidence(
            key="silence",
            title="The file says nothing",
            sentence="No credentials, no trace of a generator, no camera data: most pictures on the web are so.",
            strength=0.01,
            points_to="neither",
            fooled_by="Websites and messengers remove metadata from photographs and AI images alike.",
        )
    ]


KIND = Kind("silence", find)
