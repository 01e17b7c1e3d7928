"""Reads single columns of a feature table, so that a table of 100,000 rows and 300 columns opens quickly.

Parquet is read by column, or in blocks of columns, so that the whole table is never in memory. A CSV is read as a whole,
once, and cached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.errors import InputError
from cgid.features.table import META, read_features

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS_PER_BLOCK = 48
REAL, AI, UNLABELLED = 0, 1, 2
_LABELS = {"real": REAL, "0": REAL, "0.0": REAL, "ai": AI, "1": AI, "1.0": AI}


@dataclass(frozen=True, slots=True)
class Categories:
    """A text column as codes: row i holds names[codes[i]]. names are sorted; missing values are empty texts."""

    codes: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableColumns:
    """A feature table opened for reading by columns. columns: all names. features: the numeric ones, in order."""

    path: Path
    rows: int
    columns: tuple[str, ...]
    features: tuple[str, ...]
    _whole: pa.Table | None = field(default=None, repr=False)

    def read(self, names: Sequence[str]) -> pa.Table:
        """The named columns. Raises InputError if the file has changed or is damaged."""
        import pyarrow.parquet as pq

        if self._whole is not None:
            return self._whole.select(list(names))
        try:
            return pq.read_table(self.path, columns=list(names), partitioning=None)
        except (ValueError, OSError) as problem:  # pyarrow's own errors are both
            raise _unreadable(self.path, problem) from problem

    def values(self, name: str) -> np.ndarray:
        """float64 (rows,) of one feature, NaN where missing."""
        return _numbers(self.read([name]).column(0))

    def blocks(self, names: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
        """(name, float64 (rows,)) one after the other; only COLUMNS_PER_BLOCK columns are in memory at a time."""
        for at in range(0, len(names), COLUMNS_PER_BLOCK):
            table = self.read(names[at : at + COLUMNS_PER_BLOCK])
            for name, column in zip(table.column_names, table.columns):
                yield name, _numbers(column)

    def categories(self, name: str) -> Categories:
        """A text column as codes; empty texts if the table has no such column."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self.columns:
            return Categories(np.zeros(self.rows, np.int32), ("",))
        column = self.read([name]).column(0)
        column = pc.fill_null(column.cast(pa.string()), "").combine_chunks().dictionary_encode()
        names = np.array(column.dictionary.to_pylist() or [""], object)
        order = np.argsort(names.astype(str), kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        return Categories(place[np.asarray(column.indices)], tuple(names[order]))

    def labels(self) -> np.ndarray:
        """int8 (rows,): 0 real, 1 AI, 2 without a label."""
        name = next((n for n in ("target_label", "label") if n in self.columns), "label")
        categories = self.categories(name)
        codes = [_LABELS.get(word.strip().lower(), UNLABELLED) for word in categories.names]
        return np.array(codes, np.int8)[categories.codes]

    def texts(self, name: str, rows: np.ndarray) -> list[str]:
        """Texts of the given rows, in order; empty texts if the table has no such column."""
        if name not in self.columns or not len(rows):
            return [""] * len(rows)
        return [str(word or "") for word in self.read([name]).column(0).take(np.asarray(rows)).to_pylist()]


def open_table(path: Path | str) -> TableColumns:
    """Open a table without reading its rows (a CSV is read as a whole).

    Raises InputError: missing, damaged, no feature.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(path)
    if path.suffix.lower() == ".csv":
        whole = pa.Table.from_pandas(read_features(path, labelled=False), preserve_index=False)
        schema, rows = whole.schema, whole.num_rows
    else:
        whole = None
        try:
            with pq.ParquetFile(path) as file:
                schema, rows = file.schema_arrow, file.metadata.num_rows
        except (ValueError, OSError) as problem:
            raise _unreadable(path, problem) from problem
    features = tuple(f.name for f in schema if f.name not in META and _is_number(f.type))
    if not features:
        raise InputError(f"{path} has no numeric feature column; write it with `cgid features extract`.")
    return TableColumns(path, rows, tuple(schema.names), features, whole)


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow.types as types

    return types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    import pyarrow as pa

    if not pa.types.is_floating(column.type):
        column = column.cast(pa.float64())
    values = column.to_numpy().astype(np.float64, copy=False)
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, np.nan)
    return values


def _unreadable(path: Path, problem: Exception) -> InputError:
    reason = " ".join(str(problem).split())[:200]
    return InputError(f"{path} cannot be read as a feature table: {reason}")
