"""All evidence about one image, strongest first, from every kind that is registered by being there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from cgid.features.image import ImageFile
from cgid.forensics.evidence import kinds
from cgid.forensics.evidence.piece import Evidence, Kind, Material
from cgid.forensics.evidence.reference import of_found
from cgid.registry import load


@cache
def all_kinds() -> dict[str, Kind]:
    """{name: kind}: the built-in ones, then those of the entry points `cgid.evidence_kinds`."""
    return load(kinds, "KIND", entry_points="cgid.evidence_kinds")


def material_of(image: ImageFile, found: Mapping[str, Any]) -> Material:
    """What evidence is made from; found: the object of `check --json` of this image."""
    return Material(image, found, of_found(found))


def gather(material: Material) -> list[Evidence]:
    """Strongest first, of equal ones those that lie in training data first. A kind that fails on this image is left out and logged; the others stand."""
    pieces: list[Evidence] = []
    for name, kind in all_kinds().items():
        try:
            pieces += kind.find(material)
        except Exception as problem:  # the edge where one finding beside the answer fails and the others stand
            logging.getLogger(__name__).warning("no evidence %s of %s: %r", name, material.image.name, problem)
    return sorted(pieces, key=lambda piece: (-piece.strength, not piece.feature, piece.key))
