"""All metadata of the file, on the page: one searchable table, also as JSON and CSV."""

from __future__ import annotations

import json
from dataclasses import asdict

import pandas as pd
import streamlit as st

from cgid import escape
from cgid.escape import plain
from cgid.fileformat.tree import Structure
from cgid.imaging.image_file import UnreadableImage
from cgid.inspector import metadata_table
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text

CELL = 1000  # characters of a cell
HEAD = ("Where", "Name", "Value", "As stored")


@st.cache_data(max_entries=16, ttl=1800, show_spinner=False)
def _rows(sha256: str, _subject: Subject, _built: Structure) -> list[metadata_table.Row]:
    try:
        return metadata_table.rows(_subject.image)
    except UnreadableImage:
        return metadata_table.structure_rows(_built)


def show(subject: Subject, built: Structure) -> None:
    """The table; untrusted text stands in its cells only."""
    rows = _rows(subject.sha256, subject, built)
    query = st.text_input(
        "Search the metadata", key="dump-search", placeholder="Canon, date, prompt, serial …", width=420
    )
    matches = metadata_table.search(rows, query)
    places = len({row.where for row in rows})
    st.caption(
        f"{len(matches):,} of {len(rows):,} entries in {places} places of the file. Any person or program can write such "
        "entries; none of them is proof."
    )
    table = [(plain(r.where, 80), plain(r.name, 200), plain(r.value, CELL), plain(r.raw, CELL)) for r in matches]
    picked = st.dataframe(
        pd.DataFrame(table, columns=list(HEAD)),
        hide_index=True,
        key=f"dump-{subject.sha256[:12]}-{query[:40]}",
        on_select="rerun",
        selection_mode="single-row",
        height=min(520, 38 + 35 * max(1, len(table))),
        column_config={"Value": st.column_config.TextColumn(width="large")},
        alt=f"Metadata: {len(matches):,} entries with location in the file, name and value",
    )
    chosen = picked.selection.rows[:1]
    if chosen and chosen[0] < len(matches):
        _whole(matches[chosen[0]])
    elif matches:
        st.caption("Select a row to see the full value.")
    with st.container(horizontal=True):
        stem = f"metadata-{subject.sha256[:12]}"
        st.download_button(
            "JSON", lambda: json.dumps([asdict(r) for r in matches], indent=1, ensure_ascii=False), f"{stem}.json",
            "application/json", key="dump-json", icon=":material/data_object:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "CSV", lambda: escape.to_csv(HEAD, ((r.where, r.name, r.value, r.raw) for r in matches)), f"{stem}.csv",
            "text/csv", key="dump-csv", icon=":material/table:", on_click="ignore",
        )  # fmt: skip


def _whole(row: metadata_table.Row) -> None:
    """One entry, to be read and copied; line breaks stay, other control characters do not."""
    st.caption(f"{text.literal(plain(row.where, 80))} · {text.literal(plain(row.name, 200))}")
    st.code(
        "\n".join(plain(line, metadata_table.MAX_VALUE_CHARS) for line in row.value.splitlines()),
        language=None,
        wrap_lines=True,
    )
