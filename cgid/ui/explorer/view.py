"""The frame of the Feature explorer: filters, choice of features and their meaning, thumbnails, downloads."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cgid.artifacts import Artifact
from cgid.errors import InputError
from cgid.features.group import FAMILIES
from cgid.features.registry import all_groups, family_of
from cgid.schema import Family
from cgid.ui import shell
from cgid.ui.explorer import table as read
from cgid.ui.explorer.table import CLASSES, FILTERS, Selection
from cgid.ui.shared import parts
from cgid.ui.shared import text as shared_text

MAX_SHOWN = 240
CSV_ROWS = 20_000


def select(table: Artifact) -> Selection | None:
    """The filters, and the rows and features that pass; None, with the reason shown, if there are none."""
    key = read.key_of(table.main)
    try:
        about = read.about(key)
    except InputError as problem:
        parts.problem(problem)
        return None
    chosen: list[tuple[str, tuple[str, ...]]] = []
    bar = st.container(horizontal=True, vertical_alignment="center")
    with bar, st.popover("Filter", icon=":material/filter_alt:"):
        families = st.pills(
            "Families of features", [*FAMILIES, "unknown"], selection_mode="multi", key="explore-families",
            format_func=lambda f: _family(f, "not described by cgid"),
        )  # fmt: skip
        classes = [c for c, n in zip(CLASSES, read.class_counts(about.label)) if n]
        chosen.append(("class", tuple(st.pills("Class", classes, selection_mode="multi", key="explore-class"))))
        for name in FILTERS:
            there = [n for n in about.categories[name].names if n]
            if len(there) > 1:
                chosen.append((name, tuple(st.multiselect(name.capitalize(), there, key=f"explore-{name}"))))
    filters = tuple((name, picked) for name, picked in chosen if picked)
    rows = read.rows(key, filters)
    features = tuple(n for n in about.table.features if not families or family_of(n) in families)
    active = [f"{name} {', '.join(shared_text.code(p) for p in picked)}" for name, picked in filters]
    active += [", ".join(_family(f, "features not described") for f in families)] if families else []
    real, ai, other = read.class_counts(about.label[rows])
    with bar:
        st.caption(
            f"{len(rows):,} of {about.table.rows:,} images ({real:,} real, {ai:,} AI{f', {other:,} without a label' * bool(other)}), "
            f"{len(features)} features{': ' if active else ''}{'; '.join(active)}."
        )
    if not len(rows) or not features:
        parts.nothing("No images or features match these filters. Remove one.")
        return None
    return Selection(key, filters, about, rows, features)


def choose_feature(selection: Selection, label: str = "Feature", key: str = "feature", other: bool = False) -> str:
    """A feature, those that separate the classes best first. other: start with the best of another group."""
    separation = selection.scan().separation[selection.places()]
    order = np.argsort(-np.nan_to_num(separation, nan=-1.0), kind="stable")
    names = [selection.features[i] for i in order]
    shown = {
        selection.features[i]: f" · separation {separation[i]:.2f}" if separation[i] == separation[i] else ""
        for i in order
    }
    if other and len(names) > 1:
        first = next((n for n in names[1:] if n.split("_")[0] != names[0].split("_")[0]), names[1])
        names = [first, *(n for n in names if n != first)]
    return parts.choose(label, names, str, key, lambda n: n + shown.get(n, "")) or names[0]


SEPARATION_NOTE = "`separation`: 0 if the feature alone is uninformative, 1 if it separates the classes completely (|2 AUC − 1| on the sample)."


def meaning(column: str) -> str:
    """One sentence about a column, as Markdown."""
    for group in all_groups().values():
        for f in group.features:
            if group.column(f.name) == column:
                text = f"**{shared_text.literal(f.title)}.** {shared_text.literal(f.meaning.rstrip('.'))}."
                return text + (f" Unit: {shared_text.literal(f.unit)}." if f.unit else "")
        if column == group.missing_column:
            return f"1 where {shared_text.literal(group.title.lower())} is not applicable to a file, else 0."
    return "A feature of another system, without a description in cgid."


def read_on(column: str) -> None:
    """A link to the guide's page on the group that a column belongs to."""
    group = next((g for g in all_groups().values() if column in g.columns), None)
    if group is not None:
        shell.link("guide", f"{group.title} in the feature guide", group=group.key)


def pictures(
    selection: Selection, rows: np.ndarray, captions: Sequence[str], key: str, width: int = 148, each: int = 12
) -> None:
    """Thumbnails of these rows of the table, paged, with class and caption."""
    rows, captions = rows[:MAX_SHOWN], captions[:MAX_SHOWN]
    paths = selection.about.table.texts("filepath", rows)
    if not any(paths):
        st.caption("This table has no paths to its images.")
        return
    base = selection.about.table.path.parent
    kinds = [("real", "AI", "no label")[c] for c in selection.about.label[rows]]
    parts.images(
        [{"path": base / path, "caption": f"{kind}\n{text}"} for path, kind, text in zip(paths, kinds, captions)],
        key, each, width,
    )  # fmt: skip


def downloads(selection: Selection) -> None:
    """The rows that pass the filters, whole, written when the button is pressed."""
    name = selection.about.table.path.parent.name or "features"
    with st.container(horizontal=True):
        st.download_button(
            f"These {len(selection.rows):,} rows (Parquet)", lambda: _rows_as(selection, "parquet"), f"{name}_rows.parquet",
            "application/octet-stream", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        if len(selection.rows) <= CSV_ROWS:
            st.download_button(
                f"These {len(selection.rows):,} rows (CSV)", lambda: _rows_as(selection, "csv"), f"{name}_rows.csv",
                "text/csv", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _rows_as(selection: Selection, kind: str) -> bytes:
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    table = selection.about.table
    columns = [c for c in table.columns if c not in table.features or c in selection.features]
    data = table.read(columns).take(pa.array(selection.rows))
    buffer = io.BytesIO()
    if kind == "csv":
        csv.write_csv(data, buffer)
    else:
        pq.write_table(data, buffer)
    return buffer.getvalue()


def _family(key: str, unknown: str) -> str:
    """The label of a feature family; `unknown` if cgid does not know it."""
    return Family(key).label if key in FAMILIES else unknown
