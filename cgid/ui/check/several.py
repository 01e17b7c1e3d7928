"""Several pictures at once: a table of verdicts as they were dropped, to take away, and one of them to look at."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.evaluate.verdict_words import WORDS
from cgid.spreadsheet import safe
from cgid.ui import words
from cgid.ui.check.subject import Subject
from cgid.ui.check.verdict_table import Row, as_csv, as_json, one_line, shared
from cgid.ui.load import data_url

THUMBNAIL = 72  # px
ROW, HEAD = 44, 38  # px of a row and of the head
HIGHEST = 330  # px of the table: the answer of the one that is looked at stays near
SHOWN_AFTER, SHOWN_EVERY = 0.3, 2.0  # s of work before its progress is told, and between two looks at the rows so far


def choose_one(subjects: Sequence[Subject], check_of: Callable[[Subject], Mapping[str, Any]]) -> Subject:
    """Judge them all, draw the table, and return the one that shall be shown below. subjects: at least one.

    check_of: the object of `check --json` of one picture. The same file twice is judged once.
    """
    rows = _judged(subjects, check_of)
    st.markdown(f"{_summary(rows)} A click on a row, or the box below, shows that picture.")
    if common := shared(rows):
        st.caption(f"Said of several: {words.literal(common)} The table says what was noted of each.")
    # The one that is looked at is chosen by a click on its row or, by keyboard too, in the box below. Both belong to
    # these very files: what was chosen among others says nothing here.
    mark = hashlib.sha256("".join(s.sha256 + s.name for s in subjects).encode()).hexdigest()[:16]
    at_key, table_key = f"check-several-at-{mark}", f"check-several-table-{mark}"
    st.dataframe(
        _cells(rows), key=table_key, on_select=lambda: _row_chosen(table_key, at_key), selection_mode="single-row",
        **_looks(rows),
    )  # fmt: skip
    left, *takes = st.columns([3, 1, 1], vertical_alignment="bottom")
    at = left.selectbox(
        "Look at", range(len(rows)), key=at_key,
        format_func=lambda i: f"{i + 1}. {words.short(rows[i].name, 60)}: {WORDS[rows[i].verdict]}",
    )  # fmt: skip
    stem, options = "checked_pictures", {"on_click": "ignore", "width": "stretch", "icon": ":material/download:"}
    takes[0].download_button("Table (CSV)", lambda: as_csv(rows), f"{stem}.csv", "text/csv", **options)
    takes[1].download_button("All (JSON)", lambda: as_json(rows), f"{stem}.json", "application/json", **options)
    return subjects[at]


def _judged(subjects: Sequence[Subject], check_of: Callable[[Subject], Mapping[str, Any]]) -> list[Row]:
    bar, so_far, begun, looked = st.empty(), st.empty(), time.monotonic(), 0.0
    rows: list[Row] = []
    first: dict[str, int] = {}
    for at, subject in enumerate(subjects):
        spent = time.monotonic() - begun
        if spent > SHOWN_AFTER:
            bar.progress(at / len(subjects), f"Judged {at} of {len(subjects)}, now {words.code(subject.name)}")
        if rows and spent - looked > SHOWN_EVERY:
            so_far.dataframe(_cells(rows), **_looks(rows))
            looked = spent
        if subject.sha256 in first:
            rows.append(rows[first[subject.sha256]].again(subject.name, first[subject.sha256] + 1))
            continue
        first[subject.sha256] = at
        rows.append(Row(subject.name, check_of(subject), _thumbnail(subject, subject.sha256)))
    bar.empty()
    so_far.empty()
    return rows


@st.cache_data(max_entries=1000, ttl=3600, show_spinner=False)
def _thumbnail(_subject: Subject, sha256: str) -> str | None:
    """A small WebP as a data URL; None of what cannot be read."""
    from PIL import Image

    try:
        pixels = _subject.image.rgb
    except InputError:
        return None
    step = max(1, min(pixels.shape[:2]) // (2 * THUMBNAIL))
    return data_url(Image.fromarray(pixels[::step, ::step]), THUMBNAIL)


def _summary(rows: Sequence[Row]) -> str:
    """How many of which verdict, in the order of their weight."""
    counted = {verdict: [r for r in rows if r.verdict == verdict] for verdict in words.VERDICTS}
    said = ", ".join(f"{len(of)} {WORDS[verdict]}" for verdict, of in counted.items() if of)
    double = sum(r.same_as is not None for r in rows)
    return f"{said}." + (f" {double} of them came more than once and were judged once." if double else "")


def _cells(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Fit for a spreadsheet, too: the table's own menu saves what it shows."""
    chances, common = any(r.probability is not None for r in rows), shared(rows)
    return [
        {
            "Picture": r.thumbnail,
            "Verdict": f"{r.sign} {WORDS[r.verdict]}",
            **({"P(AI)": words.probability(r.probability)} if chances else {}),
            "File": safe(r.name),
            "Why": safe(one_line(r, common)),
        }
        for r in rows
    ]


def _looks(rows: Sequence[Row]) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "hide_index": True,
        "row_height": ROW,
        "height": min(HIGHEST, HEAD + ROW * len(rows)),
        "alt": f"Table of verdicts: {_summary(rows)}",
        "column_config": {
            "Picture": st.column_config.ImageColumn(width=64),
            "Verdict": text(width=130),
            "P(AI)": text(width=70, help="Calibrated probability of the deciding model; n/a where models have no say."),
            "File": text(width=200),
            "Why": text(width="large"),
        },
    }


def _row_chosen(table_key: str, at_key: str) -> None:
    rows = (st.session_state.get(table_key) or {}).get("selection", {}).get("rows") or []
    if rows:
        st.session_state[at_key] = rows[0]
