"""Evidence about one image: the record of a finding, the registry of its kinds, and all findings, strongest first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from cgid.forensics.evidence import kinds
from cgid.forensics.evidence.reference import reference_of
from cgid.imaging.image_file import ImageFile
from cgid.registry import load
from cgid.schema import PointsTo

POINTS = tuple(side.value for side in PointsTo)


@dataclass(frozen=True)
class Material:
    """What evidence is derived from.

    image: decoded. check: the object of `check --json`. reference: distributions of the features in the training data
    of the deciding models, as `reference.load` returns them; empty where the run stored none.
    """

    image: ImageFile
    check: Mapping[str, Any]
    reference: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """One finding about one image; all text is plain, truncated, free of control characters, and never Markdown.

    key: `<kind>` or `<kind>.<part>`. sentence: the finding. strength: weight in 0..1: 1 decides, 0 carries no
    weight; findings are sorted by it. points_to: a value of `PointsTo`. limitations: known failure cases. number: the
    value with its unit, as text. feature: the column of that value (a strip plot shows where this image lies), or "".
    maps: keys of `forensics.maps.all_maps` that show the finding. rows: (label, text) details. source: the citation.
    """

    key: str
    title: str
    sentence: str
    strength: float
    points_to: str
    limitations: str
    number: str = ""
    feature: str = ""
    maps: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object of `check --json`, where `limitations` has the key `fooled_by`."""
        return {("fooled_by" if name == "limitations" else name): value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of evidence, registered by a file in `forensics/evidence/kinds/` that holds `KIND = Kind(…)`.

    find: all evidence of this kind in the material; empty where the file or the models provide none.
    """

    name: str
    find: Callable[[Material], list[Evidence]]


@cache
def all_kinds() -> dict[str, Kind]:
    """{name: kind}: the built-in kinds, then those of the entry points `cgid.evidence_kinds`."""
    return load(kinds, "KIND", entry_points="cgid.evidence_kinds")


def material_of(image: ImageFile, check: Mapping[str, Any]) -> Material:
    """Image, check and reference data. check: the object of `check --json` of this image."""
    return Material(image, check, reference_of(check))


def gather(material: Material) -> list[Evidence]:
    """All evidence, strongest first; at equal strength, features that occur in the training data come first.

    A kind that fails on this image is logged and skipped.
    """
    evidence: list[Evidence] = []
    for name, kind in all_kinds().items():
        try:
            evidence += kind.find(material)
        except Exception as problem:  # one failing finding must not cost the others
            logging.getLogger(__name__).warning("no evidence %s of %s: %r", name, material.image.name, problem)
    return sorted(evidence, key=lambda item: (-item.strength, not item.feature, item.key))
