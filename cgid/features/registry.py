"""Finds every feature group: a file in groups/ that holds GROUP is registered by being there.

The registry as plain records: what `cgid features` prints, the Feature guide shows and both hand out as files.

Which family and which group each column of a feature table belongs to, columns of earlier systems included.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from cgid.artifacts import all_simulated
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


def group_record(group: FeatureGroup) -> dict[str, Any]:
    """One group with its features and maps, ready for JSON."""
    return {
        "key": group.key,
        "title": group.title,
        "family": group.family,
        "prefix": group.prefix,
        "version": group.version,
        "meaning": group.meaning,
        "weakness": group.weakness,
        "not_applicable": group.not_applicable,
        "citation": group.cite,
        "reads_groups": list(group.after),
        "missing_column": group.missing_column,
        "features": [
            {"column": group.column(f.name), "name": f.name, "title": f.title, "meaning": f.meaning, "unit": f.unit}
            for f in group.features
        ],
        "maps": [{"name": m.name, "title": m.title, "legend": m.legend, "caution": m.caution} for m in group.maps],
    }


def feature_records(groups: Iterable[FeatureGroup]) -> list[dict[str, Any]]:
    """One flat record a feature, with its group's family, version, source and words."""
    shared = ("family", "version", "weakness", "not_applicable", "citation")
    rows = []
    for group in groups:
        record = group_record(group)
        about = {"group": group.key, "group_title": group.title} | {name: record[name] for name in shared}
        rows += [feature | about for feature in record["features"]]
    return rows


def as_csv(groups: Iterable[FeatureGroup]) -> str:
    """`feature_records` as CSV with a header line."""
    rows = feature_records(groups)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["column"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def found(groups: Mapping[str, FeatureGroup], words: str, family: str = "") -> dict[str, list[str]]:
    """{group key: columns of its features that match} for groups of `family` (all where empty) that hold every word.

    A word is looked for anywhere, in any case. A group whose own words (title, meaning, weakness, source) hold all of
    them is found with no feature listed unless features match too; without words every group is found.
    """
    wanted = words.casefold().split()
    result = {}
    for key, group in groups.items():
        if family and group.family != family:
            continue
        own = " ".join((key, group.title, group.family, group.meaning, group.weakness, group.cite))
        columns = []
        for f in group.features if wanted else ():
            column = group.column(f.name)
            if _holds(" ".join((column, f.title, f.meaning, f.unit)), wanted):
                columns.append(column)
        if columns or _holds(own, wanted):
            result[key] = columns
    return result


def _holds(text: str, wanted: list[str]) -> bool:
    text = text.casefold()
    return all(word in text for word in wanted)


def families(columns: Sequence[str]) -> dict[str, str]:
    """{column: family}; a column nobody registered goes by its prefix, else it is `unknown`."""
    by_prefix = {g.prefix: g.family for g in all_groups().values()}
    found = {c: family_of(c) for c in columns}
    return {c: by_prefix.get(c.split("_")[0], "unknown") if f == "unknown" else f for c, f in found.items()}


def groups_of(columns: Sequence[str]) -> dict[str, str]:
    """{column: key of its feature group}; a column nobody registered goes by its prefix, else by its first word."""
    owner = {c: g.key for g in all_groups().values() for c in g.columns}
    by_prefix = {g.prefix: g.key for g in all_groups().values()}
    return {c: owner.get(c) or by_prefix.get(c.split("_")[0], c.split("_")[0]) for c in columns}


def simulated(frame) -> bool:
    """Whether every row comes from the embedded demo sets, by its `source`."""
    if "source" not in frame or not len(frame):
        return False
    return all_simulated(frame["source"].fillna("").astype(str))
