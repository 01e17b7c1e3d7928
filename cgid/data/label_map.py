"""The label map: which label each measured image has, who says so, and where a person has to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgid.errors import InputError
from cgid.files import atomic

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("record_id", "filename", "inferred_label", "final_label", "label_source", "notes")
LABELS = {"real": "real", "ai": "ai", "0": "real", "1": "ai", "": ""}


def read_label_map(path: Path | str) -> pd.DataFrame:
    """The map as text, COLUMNS first, empty cells "". Raises InputError with the line of a label that is none."""
    import pandas as pd

    path = Path(path)
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a label map (CSV): {' '.join(str(error).split())[:200]}") from None
    if "final_label" not in frame or not {"record_id", "filename"} & set(frame):
        raise InputError(f"{path} lacks columns; a label map has {','.join(COLUMNS)}.")
    for column in COLUMNS:
        if column not in frame:
            frame[column] = ""
    given = frame["final_label"].str.strip().str.lower()
    wrong = ~given.isin(list(LABELS))
    if wrong.any():
        place = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{path} line {place + 2}: final_label `{given.iloc[place][:40]}` is not one of real, ai or empty; correct it."
        )
    frame["final_label"] = given.map(LABELS)
    return frame[[*COLUMNS, *(c for c in frame if c not in COLUMNS)]]


def write_label_map(columns: Mapping[str, Sequence[Any]], path: Path | str) -> None:
    """Write atomically, COLUMNS in their order."""
    import pandas as pd

    with atomic(path) as temporary:
        pd.DataFrame({name: list(columns[name]) for name in COLUMNS}).to_csv(temporary, index=False)
