"""Reads and writes feature tables: one row per image, descriptive columns first, then numeric columns.

Non-numeric cells are reported in one sentence each, by row and column, so that the rest can be used. If at most one cell
in five of a CSV column is text, the column is a feature and those cells are missing values; otherwise it is a text
column and not a feature. Infinite values count as missing. Rows are counted from 1 without the header.
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

MAX_TEXT_FRACTION = 0.2
MAX_SHOWN_CELLS = 5  # cells reported per column; the rest are counted
MAX_CHARS = 40


def as_numbers(column: pd.Series) -> pd.Series | None:
    """A text column as float64, non-numeric cells as NaN; None if more than MAX_TEXT_FRACTION of the cells are text."""
    import pandas as pd

    truth = column.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0, "true": 1.0, "false": 0.0}).astype(float)
    values = truth.fillna(pd.to_numeric(column.where(truth.isna()), errors="coerce"))
    present, read = int(column.notna().sum()), int(values.notna().sum())
    return values.astype(float) if read and present - read <= MAX_TEXT_FRACTION * present else None


def text_cell_notes(name: str, column: pd.Series, values: pd.Series) -> list[str]:
    """Notes on cells that hold text where `values`, the numeric column, has none."""
    odd = np.flatnonzero((column.notna() & values.isna()).to_numpy())
    return _cells(
        name, [(row, f'"{_truncate(column.iloc[row])}" is not a number') for row in odd[:MAX_SHOWN_CELLS]], len(odd)
    )


def infinite_cell_notes(frame: pd.DataFrame, columns: list[str]) -> list[str]:
    """Notes on infinite cells of the named numeric columns."""
    notes = []
    for name in columns:
        odd = np.flatnonzero(np.isinf(frame[name].to_numpy(dtype=float)))
        notes += _cells(name, [(row, "the value is infinite") for row in odd[:MAX_SHOWN_CELLS]], len(odd))
    return notes


def text_column_note(name: str, column: pd.Series) -> str:
    first = column[column.notna()].iloc[0]
    return f'Column {_truncate(name)} holds text (first: "{_truncate(first)}") and is not a feature.'


def repeated_headings(path: Path) -> list[str]:
    """Notes on headers that a CSV has more than once: the second is read as `name.1`."""
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            counts = Counter(next(csv.reader(file), []))
    except (OSError, csv.Error):  # the reader of the table reports what cannot be read
        return []
    return [
        f"Column {_truncate(n)} occurs {k} times; the others are read as {_truncate(n)}.1 and so on."
        for n, k in counts.items()
        if k > 1 and n
    ]


def label_contradictions(frame: pd.DataFrame, target: pd.Series) -> list[str]:
    """Notes on rows whose `label` contradicts `target`, which takes precedence."""
    if "label" not in frame:
        return []
    stated = frame["label"].map(lambda v: {"real": 0, "ai": 1}.get(str(v).strip().lower()))
    odd = np.flatnonzero((stated.notna() & (stated != target)).to_numpy())
    cells = [
        (row, f"label is {_truncate(frame['label'].iloc[row])}, target_label the opposite")
        for row in odd[:MAX_SHOWN_CELLS]
    ]
    return _cells("label", cells, len(odd), "target_label is used")


def _cells(name: str, cells: list[tuple[int, str]], count: int, done: str = "it counts as missing") -> list[str]:
    notes = [f"Row {row + 1}, column {_truncate(name)}: {what}; {done}." for row, what in cells]
    if count > len(cells):
        notes.append(f"Column {_truncate(name)}: the same holds for {count - len(cells)} more cells.")
    return notes


def _truncate(text: object) -> str:
    flat = " ".join(str(text)[: 4 * MAX_CHARS].split())
    return flat if len(flat) <= MAX_CHARS else flat[: MAX_CHARS - 1] + "…"


# Columns that describe the image of a row. All other numeric columns are features.
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
    """A feature table (Parquet or CSV), including tables of the earlier system (its columns plus `target_label`).

    The frame has `target_label` (int, 0 = real, 1 = ai), taken from `target_label` or else from `label`; with
    `labelled=False` a table without labels is accepted. True / False become 1 / 0; a few text cells in a CSV column become
    missing values. notes: receives a sentence for each cell that is not a number.
    Raises InputError: no such file, damaged, no features, no label column, an invalid label.
    """
    path = Path(path)
    frame = _read(path)
    notes = [] if notes is None else notes
    is_csv = path.suffix.lower() == ".csv"
    notes += repeated_headings(path) if is_csv else []
    return as_features(frame, str(path), labelled=labelled, is_csv=is_csv, notes=notes)


def as_features(frame: pd.DataFrame, name: str, *, labelled: bool, is_csv: bool, notes: list[str]) -> pd.DataFrame:
    """As `read_features`, for a frame, which is modified. name: of the table in messages. is_csv: text may be numbers
    that were not recognised as such."""
    for column in [c for c in frame.columns if c not in META and not _is_number(frame[c])]:
        values = as_numbers(frame[column]) if is_csv else _booleans(frame[column])
        if values is not None:
            notes += text_cell_notes(column, frame[column], values)
            frame[column] = values
        elif frame[column].notna().any():
            notes.append(text_column_note(column, frame[column]))
    if not feature_columns(frame):
        raise InputError(f"{name} has no numeric feature column; write it with `cgid features extract`.")
    label = next((c for c in ("target_label", "label") if c in frame.columns), None)
    if label is not None and (labelled or frame[label].notna().all()):
        target = _labels(frame[label], name)
        notes += label_contradictions(frame, target) if label == "target_label" else []
        frame["target_label"] = target
    elif labelled:
        raise InputError(f"{name} has no column `target_label` or `label`; each row needs one of real, ai.")
    return frame


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """Names of the numeric feature columns, in the table's order."""
    return [c for c in frame.columns if c not in META and _is_number(frame[c])]


def write_features(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table atomically; `.csv` as CSV, anything else as Parquet."""
    path = Path(path)
    with atomic(path) as temporary:
        if path.suffix.lower() == ".csv":
            frame.to_csv(temporary, index=False)
        else:
            frame.to_parquet(temporary, index=False)


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise InputError(f"There is no feature table {path}; write it with `cgid features extract`.")
    try:
        if path.suffix.lower() == ".csv":
            dtypes = {c: str for c in META if c not in _NUMERIC_META}
            return pd.read_csv(path, dtype=dtypes, encoding="utf-8-sig")
        return pd.read_parquet(path)
    except (ValueError, OSError) as problem:  # pandas' and pyarrow's parse errors are both ValueErrors
        reason = " ".join(str(problem).split())[:200]
        raise InputError(f"{path} cannot be read as a feature table: {reason}") from problem


def _is_number(column: pd.Series) -> bool:
    return column.dtype.kind in "iuf"


def _booleans(column: pd.Series) -> pd.Series | None:
    """Boolean values as 1 / 0 / NaN; None for other texts: Parquet text columns are meant as text."""
    values = column.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0, "true": 1.0, "false": 0.0})
    return values.astype(float) if values.notna().any() and values.notna().eq(column.notna()).all() else None


def _labels(column: pd.Series, name: str) -> pd.Series:
    codes = column.map(lambda value: _LABELS.get(str(value).strip().lower()))
    if codes.isna().any():
        row = int(codes.isna().to_numpy().argmax())
        value = column.iloc[row]
        if value != value or value is None:
            raise InputError(f"{name} row {row + 1}: column {column.name} is empty; each row needs one of real, ai.")
        raise InputError(f"{name} row {row + 1}: label `{str(value)[:80]}` is not one of real, ai (or 0, 1).")
    return codes.astype(int)
