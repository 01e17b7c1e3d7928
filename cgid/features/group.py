"""What a forensic feature group is: names, words, maps and source, all in the file that computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgid.schema import Family

if TYPE_CHECKING:
    from cgid.features.image import ImageFile

FAMILIES = tuple(family.value for family in Family)


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature table.

    name: without the prefix. meaning: one plain sentence. unit: `share 0..1`, `bits`, `dB`, `0/1`, ….
    column: full column name where the contract fixes one that is not `<prefix>_<name>`.
    """

    name: str
    title: str
    meaning: str
    unit: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """A picture for people: `draw(image)` gives uint8 (H, W) or (H, W, 3) at most 1024 px a side; `legend` says how to read it."""

    name: str
    title: str
    draw: Callable[[ImageFile], np.ndarray]
    legend: str
    caution: str = ""


@dataclass(frozen=True, slots=True)
class FeatureGroup:
    """A file in `features/groups/` that holds `GROUP = FeatureGroup(…)` is registered by being there.

    compute: image -> {feature name: float}. Finite, or NaN where it does not apply; the same on every machine.
    family: `container`, `provenance`, `content` or `model` (SCIENCE: leakage is judged by family).
    version: part of every cache key; raise it when values change.
    variant: what else the values depend on (Model A: the sha256 of its weights); part of the cache key.
    after: keys of groups whose values this one reads: compute(image, earlier) is handed {column: value}.
    not_applicable: one plain sentence on when the values are NaN (`Under 16 px a side.`); `Never.` where they always exist.
    reads_name: the values depend on the file's name too, so the cache keeps them apart by extension.
    """

    key: str
    title: str
    family: str
    prefix: str
    version: int
    features: tuple[Feature, ...]
    compute: Callable[..., Mapping[str, float]]
    cite: str
    meaning: str = ""
    maps: tuple[Map, ...] = ()
    weakness: str = ""
    not_applicable: str = ""
    variant: Callable[[], str] | None = None
    after: tuple[str, ...] = ()
    reads_name: bool = False

    def column(self, name: str) -> str:
        return self._column(next(f for f in self.features if f.name == name))

    @property
    def columns(self) -> tuple[str, ...]:
        """The feature columns, then the flag that says the group had nothing to measure."""
        return (*map(self._column, self.features), self.missing_column)

    def _column(self, feature: Feature) -> str:
        return feature.column or f"{self.prefix}_{feature.name}"

    @property
    def missing_column(self) -> str:
        """`<prefix>…_missing`: 1 where every value of the group is NaN."""
        own = self.key == self.prefix or self.key.startswith(self.prefix + "_")
        return f"{self.key if own else self.prefix}_missing"
