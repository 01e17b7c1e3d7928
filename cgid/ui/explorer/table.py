"""The feature table as the Feature explorer reads it: single columns and one sample, cached by path and time of change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from cgid.charts.theme import CLASS_NAMES
from cgid.evaluate.distributions import separation, stratified_sample
from cgid.features.table_columns import UNLABELLED, Categories, TableColumns, open_table

SAMPLE = 5_000
"""Rows of which all features are in memory at once: for correlations, for outliers, and to rank features."""
CLASSES = (*CLASS_NAMES.values(), "No label")
FILTERS = ("split", "source", "generator")
Key = tuple[str, int, int]
Filters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class About:
    """What each row is: label 0 real, 1 AI, 2 unknown, (rows,), and its categories by column."""

    table: TableColumns
    label: np.ndarray
    categories: dict[str, Categories]


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over all features of the rows that pass the filters.

    rows: the sampled ones, rising, (s,). matrix: their values, (s, features). missing: rows without a value by feature
    and class, (features, 3). separation: |2 AUC - 1| of each feature in the sample, (features,).
    """

    rows: np.ndarray
    matrix: np.ndarray
    missing: np.ndarray
    separation: np.ndarray


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows and features a view shows. rows: indices that pass the filters, rising."""

    key: Key
    filters: Filters
    about: About
    rows: np.ndarray
    features: tuple[str, ...]

    @property
    def label(self) -> np.ndarray:
        return self.about.label[self.rows]

    def values(self, name: str) -> np.ndarray:
        return column(self.key, name)[self.rows]

    def scan(self) -> Scan:
        return scan(self.key, self.filters)

    def places(self) -> list[int]:
        """Where the chosen features stand in the scan's columns."""
        at = {name: i for i, name in enumerate(self.about.table.features)}
        return [at[name] for name in self.features]


def key_of(path: Path) -> Key:
    stat = path.stat()
    return str(path), stat.st_mtime_ns, stat.st_size


@st.cache_resource(max_entries=4, ttl=3600, show_spinner=False)
def about(key: Key) -> About:
    """Raises InputError where the table cannot be read."""
    table = open_table(key[0])
    return About(table, table.labels(), {name: table.categories(name) for name in FILTERS})


@st.cache_resource(max_entries=16, ttl=3600, show_spinner=False)
def column(key: Key, name: str) -> np.ndarray:
    values = about(key).table.values(name)
    values.setflags(write=False)
    return values


@st.cache_resource(max_entries=16, ttl=3600, show_spinner=False)
def rows(key: Key, filters: Filters) -> np.ndarray:
    """Indices of the rows that pass: for each filter one of its categories; none means all."""
    columns = about(key)
    passes = np.ones(columns.table.rows, bool)
    for name, chosen in filters:
        if not chosen:
            continue
        if name == "class":
            passes &= np.isin(columns.label, [CLASSES.index(c) for c in chosen])
        else:
            category = columns.categories[name]
            passes &= np.isin(category.codes, [i for i, n in enumerate(category.names) if n in chosen])
    return np.flatnonzero(passes)


@st.cache_resource(max_entries=4, ttl=3600, show_spinner="Reading all features")
def scan(key: Key, filters: Filters) -> Scan:
    columns, passing = about(key), rows(key, filters)
    label = columns.label[passing]
    picked = stratified_sample(label, SAMPLE)
    features = columns.table.features
    matrix = np.empty((len(picked), len(features)))
    missing = np.zeros((len(features), len(CLASSES)), int)
    for at, (_, values) in enumerate(columns.table.blocks(features)):
        column_values = values[passing]
        is_missing = np.isnan(column_values)
        if is_missing.any():
            missing[at] = np.bincount(label[is_missing], minlength=len(CLASSES))
        matrix[:, at] = column_values[picked]
    matrix.setflags(write=False)
    return Scan(passing[picked], matrix, missing, separation(matrix, label[picked]))


def class_counts(label: np.ndarray) -> np.ndarray:
    return np.bincount(label, minlength=UNLABELLED + 1)
