"""The label map: which label each measured image has, who says so, and where a person has to decide."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("record_id", "filename", "inferred_label", "final_label", "label_source", "notes")
LABELS = {"real": "real", "ai": "ai", "0": "real", "1": "ai", "": ""}
PERSON = "person"  # label_source of what somebody decided; with an empty final_label: left out on purpose


def read_label_map(path: Path | str) -> pd.DataFrame:
    """The map as text, COLUMNS first, then those somebody added; empty cells "".

    Raises InputError with the line of a label that is none, or of a row with too many cells.
    """
    import pandas as pd

    path = Path(path)
    try:
        rows = _rows(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a label map (CSV): {' '.join(str(error).split())[:200]}") from None
    header = [name.strip() for name in rows[0][1]] if rows else []
    if "final_label" not in header or not {"record_id", "filename"} & set(header):
        raise InputError(f"{path} lacks columns; a label map has {','.join(COLUMNS)}.")
    if twice := next((name for name in header if header.count(name) > 1), ""):
        raise InputError(f"{path} has the column `{twice[:40]}` twice; remove one.")
    place = header.index("final_label")
    for line, cells in rows[1:]:
        if any(cells[len(header) :]):
            raise InputError(f"{path} line {line} has more cells than the header names; put quotes around commas.")
        cells[:] = (cells + [""] * len(header))[: len(header)]
        given = cells[place].strip().lower()
        if given not in LABELS:
            raise InputError(
                f"{path} line {line}: final_label `{given[:40]}` is not one of real, ai or empty; correct it."
            )
        cells[place] = LABELS[given]
    frame = pd.DataFrame([cells for _, cells in rows[1:]], columns=header, dtype=object)
    for column in COLUMNS:
        if column not in frame:
            frame[column] = ""
    return frame[[*COLUMNS, *(c for c in frame if c not in COLUMNS)]]


def write_label_map(columns: Mapping[str, Sequence[Any]], path: Path | str) -> None:
    """Write atomically, COLUMNS in their order, then whatever else there is; text comes back as it was given.

    Only what no UTF-8 text can hold, undecodable bytes of a file name and NUL, becomes a replacement character.
    """
    import pandas as pd

    from cgid.data.manifest import write_table
    from cgid.db import clean

    names = [*COLUMNS, *(name for name in columns if name not in COLUMNS)]
    write_table(pd.DataFrame({n: [clean(str(v)) for v in columns[n]] for n in names}, dtype=object), path)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """(line it begins on, cells) of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, end = [], 0
    for cells in reader:
        start, end = end + 1, reader.line_num
        if any(cells):
            rows.append((start, cells))
    return rows
