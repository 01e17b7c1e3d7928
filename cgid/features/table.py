"""Reads and writes feature tables: one row an image, words about it first, then numeric columns `<prefix>_<name>`.

Says in one sentence each, by row and column, what in a feature table is no number, so that the rest can be used.

Decided here: where at most one cell in five of a CSV column is text, the column is a feature and those cells are missing
values; with more of them it is a column of words and no feature. Infinite values count as missing. Rows are counted
from 1 without the heading.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.errors import InputError
from cgid.files import atomic

if TYPE_CHECKING:
    import pandas as pd

FEW = 0.2
SHOWN = 5  # cells of one column; the rest are counted
LONGEST = 40


def as_numbers(column: pd.Series) -> pd.Series | None:
    """A column that was read as words as float64, text as NaN; None where more than FEW of its cells are text."""
    import pandas as pd

    truth = column.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0, "true": 1.0, "false": 0.0}).astype(float)
    values = truth.fillna(pd.to_numeric(column.where(truth.isna()), errors="coerce"))
    present, read = int(column.notna().sum()), int(values.notna().sum())
    return values.astype(float) if read and present - read <= FEW * present else None


def text_cells(name: str, column: pd.Series, values: pd.Series) -> list[str]:
    """Cells that hold text where `values`, the column as numbers, has none."""
    odd = np.flatnonzero((column.notna() & values.isna()).to_numpy())
    return _cells(name, [(row, f'"{_short(column.iloc[row])}" is no number') for row in odd[:SHOWN]], len(odd))


def infinite_cells(frame: pd.DataFrame, columns: list[str]) -> list[str]:
    """Cells of the named numeric columns that are infinite."""
    notes = []
    for name in columns:
        odd = np.flatnonzero(np.isinf(frame[name].to_numpy(dtype=float)))
        notes += _cells(name, [(row, "the value is infinite") for row in odd[:SHOWN]], len(odd))
    return notes


def words_only(name: str, column: pd.Series) -> str:
    first = column[column.notna()].iloc[0]
    return f'Column {_short(name)} holds words (first: "{_short(first)}") and is no feature.'


def repeated_headings(path: Path) -> list[str]:
    """Headings that a CSV has more than once: the second is read as `name.1`."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            counts = Counter(next(csv.reader(file), []))
    except (OSError, csv.Error):  # what cannot be read here is said by the reader of the table
        return []
    return [
        f"Column {_short(n)} is there {k} times; the others are read as {_short(n)}.1 and so on."
        for n, k in counts.items()
        if k > 1 and n
    ]


def contradictions(frame: pd.DataFrame, target: pd.Series) -> list[str]:
    """Rows whose `label` is not what `target`, the label that counts, says."""
    if "label" not in frame:
        return []
    said = frame["label"].map(lambda v: {"real": 0, "ai": 1}.get(str(v).strip().lower()))
    odd = np.flatnonzero((said.notna() & (said != target)).to_numpy())
    cells = [(row, f"label says {_short(frame['label'].iloc[row])}, target_label the other") for row in odd[:SHOWN]]
    return _cells("label", cells, len(odd), "target_label counts")


def _cells(name: str, cells: list[tuple[int, str]], count: int, done: str = "it counts as missing") -> list[str]:
    notes = [f"Row {row + 1}, column {_short(name)}: {what}; {done}." for row, what in cells]
    if count > len(cells):
        notes.append(f"Column {_short(name)}: so do {count - len(cells)} more cells.")
    return notes


def _short(text: object) -> str:
    flat = " ".join(str(text)[: 4 * LONGEST].split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"


# Columns that say which image a row is about. Everything else that is numeric is a feature.
META = (
    "record_id",
    "filepath",
    "filename",
    "label",
    "target_label",
    "source",
    "generator",
    "split",
    "group",
    "path",
    "sha256",
    "width",
    "height",
    "format",
    "bytes",
    "error",
    "final_label",
    "inferred_label",
    "label_source",
    "notes",
    "fold",
    "phash",
    "near_duplicate_group",
)
_NUMERIC_META = {"target_label", "width", "height", "bytes", "fold"}
_LABELS = {"real": 0, "ai": 1, "0": 0, "1": 1, "0.0": 0, "1.0": 1}


def read_features(path: Path | str, *, labelled: bool = True, notes: list[str] | None = None) -> pd.DataFrame:
    """A feature table (Parquet or CSV), also one of the earlier system (its columns plus `target_label`).

    The frame has `target_label` (int, 0 = real, 1 = ai), taken from `target_label` or else from `label`; with
    `labelled=False` a table without labels is read too. True / False become 1 / 0; a few cells of text in a column of
    a CSV become missing values (`table_notes`). notes: receives a sentence for each cell that is no number.
    Raises InputError: no such file, damaged, no features, no label column, a label that is neither.
    """
    path = Path(path)
    frame = _read(path)
    notes = [] if notes is None else notes
    is_csv = path.suffix.lower() == ".csv"
    notes += repeated_headings(path) if is_csv else []
    return as_features(frame, str(path), labelled=labelled, is_csv=is_csv, notes=notes)


def as_features(frame: pd.DataFrame, name: str, *, labelled: bool, is_csv: bool, notes: list[str]) -> pd.DataFrame:
    """As `read_features`, of a frame that is changed by it. name: what errors call the table. is_csv: text may be
    numbers that were not recognised as such."""
    for column in [c for c in frame.columns if c not in META and not _is_number(frame[c])]:
        values = as_numbers(frame[column]) if is_csv else _truth(frame[column])
        if values is not None:
            notes += text_cells(column, frame[column], values)
            frame[column] = values
        elif frame[column].notna().any():
            notes.append(words_only(column, frame[column]))
    if not feature_columns(frame):
        raise InputError(f"{name} has no numeric feature column; write it with `cgid extract`.")
    label = next((c for c in ("target_label", "label") if c in frame.columns), None)
    if label is not None and (labelled or frame[label].notna().all()):
        target = _labels(frame[label], name)
        notes += contradictions(frame, target) if label == "target_label" else []
        frame["target_label"] = target
    elif labelled:
        raise InputError(f"{name} has no column `target_label` or `label`; each row needs one of real, ai.")
    return frame


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """Names of the numeric feature columns, in the table's order."""
    return [c for c in frame.columns if c not in META and _is_number(frame[c])]


def write_features(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table whole or not at all; `.csv` as CSV, anything else as Parquet."""
    path = Path(path)
    with atomic(path) as temporary:
        if path.suffix.lower() == ".csv":
            frame.to_csv(temporary, index=False)
        else:
            frame.to_parquet(temporary, index=False)


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise InputError(f"There is no feature table {path}; write it with `cgid extract`.")
    try:
        if path.suffix.lower() == ".csv":
            words = {c: str for c in META if c not in _NUMERIC_META}
            return pd.read_csv(path, dtype=words, encoding="utf-8-sig")
        return pd.read_parquet(path)
    except (ValueError, OSError) as problem:  # pandas' and pyarrow's parse errors are both ValueErrors
        reason = " ".join(str(problem).split())[:200]
        raise InputError(f"{path} cannot be read as a feature table: {reason}") from problem


def _is_number(column: pd.Series) -> bool:
    return column.dtype.kind in "iuf"


def _truth(column: pd.Series) -> pd.Series | None:
    """Truth values as 1 / 0 / NaN; None for other words: a column that Parquet calls text was meant to be text."""
    values = column.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0, "true": 1.0, "false": 0.0})
    return values.astype(float) if values.notna().any() and values.notna().eq(column.notna()).all() else None


def _labels(column: pd.Series, name: str) -> pd.Series:
    found = column.map(lambda value: _LABELS.get(str(value).strip().lower()))
    if found.isna().any():
        row = int(found.isna().to_numpy().argmax())
        value = column.iloc[row]
        if value != value or value is None:
            raise InputError(f"{name} row {row + 1}: column {column.name} is empty; each row needs one of real, ai.")
        raise InputError(f"{name} row {row + 1}: label `{str(value)[:80]}` is not one of real, ai (or 0, 1).")
    return found.astype(int)
