"""The registry as plain records: what `cgid features` prints, the Feature guide shows and both hand out as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from cgid.features.group import FeatureGroup


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
