"""What one piece of evidence is, and what it is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cgid.features.image import ImageFile
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
