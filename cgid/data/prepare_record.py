"""Record of a prepared data set: kept.csv (counts and exclusions per source and class) and dataset_summary.json."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd

from cgid.artifacts import DATASET_SUMMARY, RETAINED_ROWS
from cgid.data.manifest import write_table
from cgid.data.params import PrepareParams, SplitParams
from cgid.data.scan import ScanResult
from cgid.data.summary import counts, write_summary
from cgid.files import read_json, write_json
from cgid.schema import external_name

COLUMNS = ("source", "generator", "class", "split", "found", "kept", "dropped", "why")
REASONS = {
    "outside_split": "in no folder of a published split",
    "held_out": "training images of a held-out generator",
    "not_drawn": "not opened, caps already reached",
    "missing": "file missing",
    "unreadable": "not readable as an image",
    "exact_duplicate": "same content as another",
    "conflicting_label": "same content in both classes",
    "straddles": "near-duplicate of an image of another split",
    "max_per_generator": "over the cap per generator",
    "balance": "more than the other class",
    "max_per_class": "over the cap per class",
    "whole_group": "in a group of near-duplicates that exceeds the cap",
}
_ORDER = {name: n for n, name in enumerate(("train", "val", "test", "external"))}


class ImportLog:
    """One row per image found, with its split and the reason of its exclusion ("" = selected)."""

    def __init__(self, frame: pd.DataFrame) -> None:
        """frame: filepath (as manifests in the output folder write it), source, subset, label, split, reason."""
        self.rows = frame.set_index("filepath")[["source", "subset", "label", "split", "reason"]].copy()

    def note_cleaning(self, dropped: Path) -> None:
        with open(dropped, encoding="utf-8", newline="") as file:
            reasons = {row["filepath"]: row["reason"] for row in csv.DictReader(file)}
        self.rows.loc[list(reasons), "reason"] = list(reasons.values())

    def note_split(self, rows: pd.DataFrame) -> None:
        """rows: of `split_published`; validation images are known only now."""
        self.rows.loc[rows["filepath"], "split"] = rows["split"].to_numpy()
        self.rows.loc[rows["filepath"], "reason"] = rows["reason"].to_numpy()

    def table(self) -> pd.DataFrame:
        """COLUMNS: a row for each source, generator's folder, class and split; found = kept + dropped."""
        lines = []
        split = self.rows["split"].replace({"held_out": "train"})
        for key, rows in self.rows.groupby(["source", "subset", "label", split]):
            gone = Counter(rows.loc[rows["reason"] != "", "reason"])
            why = "; ".join(f"{n} {REASONS[r]}" for r, n in sorted(gone.items(), key=lambda item: (-item[1], item[0])))
            dropped = sum(gone.values())
            lines.append([*key, len(rows), len(rows) - dropped, dropped, why])
        lines.sort(key=lambda line: (line[0], line[1], _ORDER.get(line[3], len(_ORDER)), line[2]))
        return pd.DataFrame(lines, columns=list(COLUMNS))


def write_record(
    params: PrepareParams,
    layout: str,
    split: SplitParams,
    scanned: ScanResult,
    log: ImportLog,
    selected: pd.DataFrame,
    dropped: pd.DataFrame,
    files: dict[str, pd.DataFrame],
) -> dict:
    """Write kept.csv and dataset_summary.json (that of a split, with further fields). Returns the summary, and kept.csv as
    text in `table_text`.

    files: written manifests by name. Manifests of generators that only an earlier run held out are removed.
    """
    folder = params.output_dir
    _remove_stale(folder, set(files))
    table = log.table()
    write_table(table, folder / RETAINED_ROWS)
    reasons = Counter(log.rows["reason"])
    summary = write_summary(selected, dropped, split) | {
        "layout": layout,
        "root": str(params.root),
        "max_per_generator": params.max_per_generator,
        "val_percent": params.val_percent,
        "found": len(log.rows),
        "not_images": scanned.ignored,
        "not_opened": {
            reason: reasons[reason] for reason in ("held_out", "not_drawn", "outside_split") if reasons[reason]
        },
        "files": {name: len(rows) for name, rows in files.items()},
        "external": {
            rows["subset"].iloc[0]: counts(rows) for name, rows in files.items() if external_name(name) is not None
        },
        "by_generator": {name or "all": counts(rows) for name, rows in selected.groupby("subset")},
        "kept": table.to_dict("records"),
    }
    summary["summary"] = _sentence(summary)
    write_json(folder / DATASET_SUMMARY, summary)
    return summary | {"table_text": as_text(table)}


def as_text(table: pd.DataFrame) -> str:
    """The table for a terminal: aligned columns, numbers right-aligned."""
    cells = [
        list(table.columns),
        *([f"{v:,}" if isinstance(v, int) else str(v) for v in r] for r in table.values.tolist()),
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    right = {table.columns.get_loc(name) for name in ("found", "kept", "dropped")}
    lines = [
        "  ".join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths)))
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def _sentence(summary: dict) -> str:
    parts = [
        f"{name.removesuffix('.csv')} {part['rows']:,} ({part['labels'].get('real', 0):,} real, "
        f"{part['labels'].get('ai', 0):,} AI)"
        for name, part in {
            **{f"{name}.csv": summary["by_split"][name] for name in ("train", "val", "test")},
            **{f"external {name}": part for name, part in summary["external"].items()},
        }.items()
    ]
    return f"Selected {summary['rows']:,} of {summary['found']:,} images: {', '.join(parts)}."


def _remove_stale(folder: Path, written: set[str]) -> None:
    try:
        before = read_json(folder / DATASET_SUMMARY).get("files") or {}
    except (OSError, ValueError, AttributeError):
        return  # nothing was prepared here before
    for name in before:
        if external_name(name) is not None and name not in written and Path(name).name == name:
            (folder / name).unlink(missing_ok=True)
