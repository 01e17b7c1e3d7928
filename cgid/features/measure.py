"""Measures one image: every group over the same decoded pixels; a group that fails costs only its own columns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cgid.features.group import FeatureGroup

if TYPE_CHECKING:
    from cgid.features.image import ImageFile


def measure(
    image: ImageFile, groups: Mapping[str, FeatureGroup], earlier: Mapping[str, float] | None = None
) -> tuple[dict[str, float], dict[str, str]]:
    """Values of `groups` (in an order where each comes after those it reads, as the registry gives them).

    earlier: {column: value} known already, for groups that read others which are not in `groups`.
    Returns ({column: value}, {group key: why it failed}). A value is finite or NaN; a group's `…_missing` column is 1
    where all its values are NaN, else 0. A group that fails gives NaN throughout, and its reason.
    """
    known, values, problems = dict(earlier or {}), {}, {}
    for key, group in groups.items():
        columns, flag = _columns(group)
        try:
            found = group.compute(image, known) if group.after else group.compute(image)
            own = {}
            for name, column in columns:
                value = float(found.get(name, math.nan))
                own[column] = value if math.isfinite(value) else math.nan
        except Exception as problem:  # the edge where one group fails on one image and the others stand
            problems[key] = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
            own = {column: math.nan for _, column in columns}
        own[flag] = float(all(math.isnan(v) for v in own.values()))
        values |= own
        known |= own
    return values, problems


_named: dict[str, tuple[FeatureGroup, list[tuple[str, str]], str]] = {}


def _columns(group: FeatureGroup) -> tuple[list[tuple[str, str]], str]:
    """([(feature's name, its column)], column of the missing flag), put together once for each group."""
    if group.key not in _named or _named[group.key][0] is not group:
        pairs = [(f.name, c) for f, c in zip(group.features, group.columns)]
        _named[group.key] = group, pairs, group.missing_column
    return _named[group.key][1:]
