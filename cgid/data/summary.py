"""Counts of a split data set: `dataset_summary.json`."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd

from cgid.artifacts import DATASET_SUMMARY, DROPPED_ROWS, all_simulated
from cgid.data.params import SplitParams
from cgid.files import sha256_of, write_json

_MAX_SIZES = 20
_MAX_LISTED = 1000


def write_summary(selected: pd.DataFrame, dropped: pd.DataFrame, params: SplitParams) -> dict:
    """Write dataset_summary.json next to the split manifests and return it.

    selected: rows with `split`, `group`; dropped: rows excluded by the split, with `reason`, `detail`. Rows dropped by
    cleaning are read from `dropped.csv` next to the cleaned manifest.
    """
    cleaning = _dropped_by_cleaning(params.manifest.parent / DROPPED_ROWS)
    cut = [{"filepath": r.path, "label": r.label, "reason": r.reason, "detail": r.detail} for r in dropped.itertuples()]
    by_split = {name: counts(rows) for name, rows in selected.groupby("split")}
    summary = {
        "manifest": str(params.manifest),
        "manifest_sha256": sha256_of(params.manifest),
        "output_dir": str(params.output_dir),
        "rows": len(selected),
        "groups": int(selected["group"].nunique()),
        "ratios": list(params.ratios),
        "seed": params.seed,
        "max_per_class": params.max_per_class,
        "balance": params.balance,
        "keep_splits": params.keep_splits,
        "simulated": all_simulated(selected["source"]),
        "by_split": by_split,
        "total": counts(selected),
        "dropped": {
            "by_cleaning": dict(Counter(row["reason"] for row in cleaning)),
            "by_splitting": dict(Counter(row["reason"] for row in cut)),
            "listed": [*cleaning, *cut][:_MAX_LISTED],
            "not_listed": max(0, len(cleaning) + len(cut) - _MAX_LISTED),
        },
    }
    summary["summary"] = _sentence(summary)
    write_json(params.output_dir / DATASET_SUMMARY, summary)
    return summary


def counts(rows: pd.DataFrame) -> dict:
    """Rows, groups and, per class, sources, generators, formats and sizes of some rows."""
    return {
        "rows": len(rows),
        "groups": int(rows["group"].nunique()),
        "labels": _count(rows["label"]),
        "by_label": {label: _details(same) for label, same in rows.groupby("label")},
    }


def _details(rows: pd.DataFrame) -> dict:
    details = {column: _count(rows[column]) for column in ("source", "generator", "format") if column in rows}
    if {"width", "height"} <= set(rows.columns):
        known = rows.dropna(subset=["width", "height"])
        sizes = _count(known["width"].astype(int).astype(str) + "x" + known["height"].astype(int).astype(str))
        details["size"] = dict(list(sizes.items())[:_MAX_SIZES])
        if len(sizes) > _MAX_SIZES:
            details["size"]["other"] = sum(list(sizes.values())[_MAX_SIZES:])
    return details


def _count(column: pd.Series) -> dict[str, int]:
    """Counts, most frequent first, ties by name."""
    return dict(sorted(Counter(column.astype(str)).items(), key=lambda item: (-item[1], item[0])))


def _dropped_by_cleaning(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("reason")]


def _sentence(summary: dict) -> str:
    parts = [
        f"{name} {part['rows']:,} ({part['labels'].get('real', 0):,} real, {part['labels'].get('ai', 0):,} AI)"
        for name in ("train", "val", "test", "external")
        if (part := summary["by_split"].get(name))
    ]
    cut = sum(summary["dropped"]["by_splitting"].values())
    return (
        f"Split {summary['rows']:,} images in {summary['groups']:,} groups: {', '.join(parts)}"
        + (f"; {cut:,} excluded" if cut else "")
        + ("; the splits of the manifest were retained" if summary["keep_splits"] else "")
        + "."
    )
