"""What one piece of evidence is, and what it is made from.

All evidence about one image, strongest first, from every kind that is registered by being there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cgid.forensics.evidence import kinds
from cgid.forensics.evidence.reference import of_found
from cgid.imaging.image_file import ImageFile
from cgid.registry import load
from cgid.schema import PointsTo

POINTS = tuple(side.value for side in PointsTo)


@dataclass(frozen=True)
class Material:
    """image: decoded. found: the object of `check --json`. reference: how the features lie in the training data of the
    deciding models, as `reference.load` gives it; empty where a run kept none."""

    image: ImageFile
    found: Mapping[str, Any]
    reference: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """One finding about one image; all text is plain, cut, free of control characters, and never Markdown.

    key: `<kind>` or `<kind>.<part>`. sentence: the finding for people. strength: 0..1, what it weighs: 1 decides, 0
    says nothing; pieces are shown by it. points_to: a value of `PointsTo`. number: the figure with its unit, as text.
    feature: the column the number belongs to (a strip plot shows where this image lies), or "". maps: keys of
    `forensics.maps.all_maps` that show it. fooled_by: what could fool this. rows: (label, text) facts beside it.
    source: the citation.
    """

    key: str
    title: str
    sentence: str
    strength: float
    points_to: str
    fooled_by: str
    number: str = ""
    feature: str = ""
    maps: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A file in `forensics/evidence/kinds/` that holds `KIND = Kind(…)` looks for its evidence by being there.

    find: all pieces of this kind in the material, none where the file or the models give nothing.
    """

    name: str
    find: Callable[[Material], list[Evidence]]


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
