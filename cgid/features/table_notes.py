"""Says in one sentence each, by row and column, what in a feature table is no number, so that the rest can be used.

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
