"""A frame that a caller hands in, made the feature table that audits and ablations read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cgid.errors import InputError
from cgid.features.table import META, as_features

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("label", "target_label")
NAME = "The table"


def feature_table(frame: pd.DataFrame, target: str, groups: str | Any | None) -> tuple[pd.DataFrame, list[str]]:
    """(the table with `target_label` 0/1 and, where given, `group`; sentences on cells that were no numbers).

    target: name of the label's column; `label` stands for `target_label` or else `label`, as in files. groups: name of
    a column, or one value a row, (n,). Columns named so are no features. The caller's frame is not changed.
    Raises InputError: no frame, no rows, no such column, a column twice, labels that are neither real nor ai.
    """
    import numpy as np
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"A feature table is a pandas DataFrame, not {type(frame).__name__}.")
    if not len(frame):
        raise InputError(f"{NAME} has no rows.")
    table = frame.reset_index(drop=True)
    table.columns = [str(c) for c in table.columns]
    if not table.columns.is_unique:
        raise InputError(f"{NAME} has two columns `{table.columns[table.columns.duplicated()][0]}`.")
    if target not in NAMES:
        labels = _column(table, target)
        table = table.drop(columns=[target, *(n for n in NAMES if n in table)]).assign(target_label=labels)
    for name in (n for n in NAMES if n in table and table[n].dtype == bool):
        table[name] = table[name].astype(int)
    if isinstance(groups, str):
        values = _column(table, groups)
        table = (table if groups in META else table.drop(columns=groups)).assign(group=values.to_numpy())
    elif groups is not None:
        values = np.asarray(groups, dtype=object)
        if values.shape != (len(table),):
            raise InputError(
                f"groups has the shape {values.shape}; one value for each of the {len(table)} rows is needed."
            )
        table = table.assign(group=values)
    notes: list[str] = []
    return as_features(table, NAME, labelled=True, is_csv=True, notes=notes), notes


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    if name not in table:
        raise InputError(f"{NAME} has no column `{name}`.")
    return table[name]
