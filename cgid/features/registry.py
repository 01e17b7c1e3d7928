"""Finds every feature group: a file in groups/ that holds GROUP is registered by being there."""

from __future__ import annotations

from functools import cache

from cgid.errors import InputError
from cgid.features import groups
from cgid.features.group import FAMILIES, FeatureGroup
from cgid.registry import load

# Columns that say how a file was written, not what it shows. The rules read metadata and format: their score would let
# both in again.
FORMAT_PREFIXES = ("jpeg_", "metadata_", "container_", "c2pa_", "rule_")
FORMAT_FEATURES = ("hashes_match",)


@cache
def all_groups() -> dict[str, FeatureGroup]:
    """{key: group}, each after the groups whose values it reads, else by key. Raises InputError where two share a key,
    ValueError where two share a column."""
    found = list(load(groups, "GROUP", entry_points="cgid.feature_groups", name="key").values())
    by_key = {g.key: g for g in sorted(found, key=lambda g: g.key)}
    columns = [c for g in found for c in g.columns]
    if len(set(columns)) != len(columns):
        raise ValueError("two feature groups share a column")
    if wrong := [g.key for g in found if g.family not in FAMILIES]:
        raise ValueError(f"unknown family in feature groups {wrong}")
    ordered: dict[str, FeatureGroup] = {}

    def place(key: str) -> None:
        for earlier in by_key[key].after:
            place(earlier)
        ordered.setdefault(key, by_key[key])

    for key in by_key:
        place(key)
    return ordered


def choose(keys: str | list[str] | None) -> dict[str, FeatureGroup]:
    """Groups by comma-separated keys, with those they read; all where empty. Raises InputError on an unknown key."""
    wanted = keys.split(",") if isinstance(keys, str) else list(keys or [])
    wanted = [k.strip() for k in wanted if k.strip()]
    groups_ = all_groups()
    if unknown := [k for k in wanted if k not in groups_]:
        raise InputError(f"No feature group is called {', '.join(unknown)}; there are {', '.join(groups_)}.")
    keep = set(wanted or groups_)
    for key in reversed(list(groups_)):
        if key in keep:
            keep |= set(groups_[key].after)
    return {k: g for k, g in groups_.items() if k in keep}


def family_of(column: str) -> str:
    """Family of a feature-table column; columns nobody registered are `unknown`."""
    return _families().get(column, "unknown")


@cache
def _families() -> dict[str, str]:
    return {c: g.family for g in all_groups().values() for c in g.columns}
