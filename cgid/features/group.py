"""Feature groups: the definition of a group (names, texts, maps and source), and feature extraction for one image.

All groups use the same decoded pixels; a group that fails loses only its own columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgid.schema import Family

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

FAMILIES = tuple(family.value for family in Family)


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature table.

    name: without the prefix. meaning: one sentence. unit: `share 0..1`, `bits`, `dB`, `0/1`, ….
    column: full column name if the contract fixes one other than `<prefix>_<name>`.
    """

    name: str
    title: str
    meaning: str
    unit: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """A visualisation: `draw(image)` returns uint8 (H, W) or (H, W, 3), at most 1024 px a side; `legend` explains it."""

    name: str
    title: str
    draw: Callable[[ImageFile], np.ndarray]
    legend: str
    caution: str = ""


@dataclass(frozen=True, slots=True)
class FeatureGroup:
    """A module in `features/groups/` that holds `GROUP = FeatureGroup(…)` is registered by being there.

    compute: image -> {feature name: float}. Finite, or NaN where it does not apply; the same on every machine. family:
    `container`, `provenance`, `content` or `model` (leakage is evaluated by family). version: part of every cache
    key; raise it when values change. variant: what else the values depend on (Model A: the sha256 of its weights); part
    of the cache key. after: keys of groups whose values this one reads: compute(image, earlier) is handed {column:
    value}. not_applicable: one plain sentence on when the values are NaN (`Under 16 px a side.`); `Never.` where they
    always exist. reads_name: the values depend on the file's name too, so the cache keeps them apart by extension.
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
        """The feature columns, then the flag of a group without values."""
        return (*map(self._column, self.features), self.missing_column)

    def _column(self, feature: Feature) -> str:
        return feature.column or f"{self.prefix}_{feature.name}"

    @property
    def missing_column(self) -> str:
        """`<prefix>…_missing`: 1 if every value of the group is NaN."""
        own = self.key == self.prefix or self.key.startswith(self.prefix + "_")
        return f"{self.key if own else self.prefix}_missing"


def extract(
    image: ImageFile, groups: Mapping[str, FeatureGroup], earlier: Mapping[str, float] | None = None
) -> tuple[dict[str, float], dict[str, str]]:
    """Feature values of one image. groups: in an order in which each follows those it reads, as in the registry.

    earlier: {column: value} already known, for groups that read others not in `groups`.
    Returns ({column: value}, {group key: why it failed}). A value is finite or NaN; a group's `…_missing` column is 1
    if all its values are NaN, otherwise 0. A group that fails gives NaN throughout, and a reason.
    """
    known = dict(earlier or {})
    values: dict[str, float] = {}
    problems: dict[str, str] = {}
    for key, group in groups.items():
        columns, flag = _columns(group)
        try:
            computed = group.compute(image, known) if group.after else group.compute(image)
            group_values = {}
            for name, column in columns:
                value = float(computed.get(name, math.nan))
                group_values[column] = value if math.isfinite(value) else math.nan
        except Exception as problem:  # one group may fail on one image without affecting the others
            problems[key] = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
            group_values = {column: math.nan for _, column in columns}
        group_values[flag] = float(all(math.isnan(v) for v in group_values.values()))
        values |= group_values
        known |= group_values
    return values, problems


_column_cache: dict[str, tuple[FeatureGroup, list[tuple[str, str]], str]] = {}


def _columns(group: FeatureGroup) -> tuple[list[tuple[str, str]], str]:
    """([(feature name, its column)], column of the missing flag), cached per group."""
    if group.key not in _column_cache or _column_cache[group.key][0] is not group:
        pairs = [(f.name, c) for f, c in zip(group.features, group.columns)]
        _column_cache[group.key] = group, pairs, group.missing_column
    return _column_cache[group.key][1:]
