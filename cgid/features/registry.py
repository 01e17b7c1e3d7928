"""The registry of feature groups: lookup, search, records for export, and the family and group of each column.

A module in `groups/` that holds a `GROUP` is registered by being there.
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

# Columns that describe how a file was written, not its content. The rules read metadata and format, so their score
# would bring both back.
FORMAT_PREFIXES = ("jpeg_", "metadata_", "container_", "c2pa_", "rule_")
FORMAT_FEATURES = ("hashes_match",)


@cache
def all_groups() -> dict[str, FeatureGroup]:
    """{key: group}, sorted by key, each after the groups whose values it reads.

    Raises InputError if two share a key, ValueError if two share a column."""
    loaded = list(load(groups, "GROUP", entry_points="cgid.feature_groups", name="key").values())
    by_key = {g.key: g for g in sorted(loaded, key=lambda g: g.key)}
    columns = [c for g in loaded for c in g.columns]
    if len(set(columns)) != len(columns):
        raise ValueError("two feature groups share a column")
    if wrong := [g.key for g in loaded if g.family not in FAMILIES]:
        raise ValueError(f"unknown family in feature groups {wrong}")
    ordered: dict[str, FeatureGroup] = {}

    def add(key: str) -> None:
        for earlier in by_key[key].after:
            add(earlier)
        ordered.setdefault(key, by_key[key])

    for key in by_key:
        add(key)
    return ordered


def select_groups(keys: str | list[str] | None) -> dict[str, FeatureGroup]:
    """Groups by comma-separated keys, with those they depend on; all if empty. Raises InputError on an unknown key."""
    requested = keys.split(",") if isinstance(keys, str) else list(keys or [])
    requested = [k.strip() for k in requested if k.strip()]
    groups_ = all_groups()
    if unknown := [k for k in requested if k not in groups_]:
        raise InputError(f"No feature group is called {', '.join(unknown)}; there are {', '.join(groups_)}.")
    selected = set(requested or groups_)
    for key in reversed(list(groups_)):
        if key in selected:
            selected |= set(groups_[key].after)
    return {k: g for k, g in groups_.items() if k in selected}


def family_of(column: str) -> str:
    """Family of a feature-table column; `unknown` for unregistered columns."""
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
    """One flat record per feature, with its group's family, version, source and texts."""
    shared = ("family", "version", "weakness", "not_applicable", "citation")
    rows = []
    for group in groups:
        record = group_record(group)
        about = {"group": group.key, "group_title": group.title} | {name: record[name] for name in shared}
        rows += [feature | about for feature in record["features"]]
    return rows


def to_csv(groups: Iterable[FeatureGroup]) -> str:
    """`feature_records` as CSV with a header line."""
    rows = feature_records(groups)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["column"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def search(groups: Mapping[str, FeatureGroup], query: str, family: str = "") -> dict[str, list[str]]:
    """{group key: columns of its matching features} for groups of `family` (all if empty) that match every query word.

    Words match anywhere, ignoring case. A group whose own texts (title, meaning, weakness, source) match is returned
    without features unless these match too; an empty query returns every group.
    """
    terms = query.casefold().split()
    result = {}
    for key, group in groups.items():
        if family and group.family != family:
            continue
        group_text = " ".join((key, group.title, group.family, group.meaning, group.weakness, group.cite))
        columns = []
        for f in group.features if terms else ():
            column = group.column(f.name)
            if _contains_all(" ".join((column, f.title, f.meaning, f.unit)), terms):
                columns.append(column)
        if columns or _contains_all(group_text, terms):
            result[key] = columns
    return result


def _contains_all(text: str, terms: list[str]) -> bool:
    text = text.casefold()
    return all(word in text for word in terms)


def families(columns: Sequence[str]) -> dict[str, str]:
    """{column: family}; an unregistered column is assigned by its prefix, otherwise `unknown`."""
    by_prefix = {g.prefix: g.family for g in all_groups().values()}
    known = {c: family_of(c) for c in columns}
    return {c: by_prefix.get(c.split("_")[0], "unknown") if f == "unknown" else f for c, f in known.items()}


def groups_of(columns: Sequence[str]) -> dict[str, str]:
    """{column: key of its feature group}; an unregistered column is assigned by its prefix, otherwise its first word."""
    owner = {c: g.key for g in all_groups().values() for c in g.columns}
    by_prefix = {g.prefix: g.key for g in all_groups().values()}
    return {c: owner.get(c) or by_prefix.get(c.split("_")[0], c.split("_")[0]) for c in columns}


def is_simulated(frame) -> bool:
    """Whether every row comes from the embedded demo sets, by its `source`."""
    if "source" not in frame or not len(frame):
        return False
    return all_simulated(frame["source"].fillna("").astype(str))
