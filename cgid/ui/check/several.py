"""Several pictures at once: a table of verdicts as they were dropped, to take away, and one of them to look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.ui import words
from cgid.ui.check.subject import Subject
from cgid.ui.check.verdict_table import VERDICT_WORDS, Row, as_csv, as_json, one_line
from cgid.ui.load import data_url

THUMBNAIL = 72  # px
HIGHEST = 330  # px of the table: the answer of the one that is looked at stays near
SHOWN_AFTER = 0.3  # s of work before its progress is told
_AT, _TABLE = "check-several-at", "check-several-table"


def choose_one(subjects: Sequence[Subject], check_of: Callable[[Subject], Mapping[str, Any]]) -> Subject:
    """Judge them all, draw the table, and return the one that shall be shown below. subjects: at least one.

    check_of: the object of `check --json` of one picture. The same file twice is judged once.
    """
    rows = _judged(subjects, check_of)
    st.markdown(_summary(rows))
    _table(rows)
    held = st.session_state.get(_AT)
    if held not in range(len(rows)):
        st.session_state[_AT] = 0
    left, *takes = st.columns([3, 1, 1], vertical_alignment="bottom")
    at = left.selectbox(
        "Look at", range(len(rows)), key=_AT,
        format_func=lambda i: f"{i + 1}. {words.short(rows[i].name, 60)}: {VERDICT_WORDS[rows[i].verdict]}",
    )  # fmt: skip
    stem, options = "checked_pictures", {"on_click": "ignore", "width": "stretch", "icon": ":material/download:"}
    takes[0].download_button("Table (CSV)", lambda: as_csv(rows), f"{stem}.csv", "text/csv", **options)
    takes[1].download_button("All (JSON)", lambda: as_json(rows), f"{stem}.json", "application/json", **options)
    return subjects[at]


def _judged(subjects: Sequence[Subject], check_of: Callable[[Subject], Mapping[str, Any]]) -> list[Row]:
    place, begun = st.empty(), time.monotonic()
    rows: list[Row] = []
    first: dict[str, int] = {}
    for at, subject in enumerate(subjects):
        if time.monotonic() - begun > SHOWN_AFTER:
            place.progress(at / len(subjects), f"Judged {at} of {len(subjects)}, now {words.code(subject.name)}")
        if subject.sha256 in first:
            rows.append(rows[first[subject.sha256]].again(subject.name, first[subject.sha256] + 1))
            continue
        first[subject.sha256] = at
        rows.append(Row(subject.name, check_of(subject), _thumbnail(subject, subject.sha256)))
    place.empty()
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
    counted = {verdict: sum(r.verdict == verdict for r in rows) for verdict in words.VERDICTS}
    said = ", ".join(f"{n} {VERDICT_WORDS[verdict]}" for verdict, n in counted.items() if n)
    double = sum(r.same_as is not None for r in rows)
    return f"**{len(rows)} pictures**: {said}." + (f" {double} of them came more than once." if double else "")


def _table(rows: Sequence[Row]) -> None:
    """A click on a row chooses it; the box below does the same by keyboard."""
    chances = any(r.probability is not None for r in rows)
    shown = [
        {
            "": r.thumbnail,
            "File": r.name,
            "Verdict": f"{r.sign} {VERDICT_WORDS[r.verdict]}",
            **({"P(AI)": words.percent(r.probability)} if chances else {}),
            "Why": one_line(r),
        }
        for r in rows
    ]
    st.dataframe(
        shown, hide_index=True, row_height=44, height=min(HIGHEST, 38 + 44 * len(rows)),
        column_config={
            "": st.column_config.ImageColumn("Picture", width=64),
            "File": st.column_config.TextColumn(width=200),
            "Verdict": st.column_config.TextColumn(width=150),
            "P(AI)": st.column_config.TextColumn(
                width=70, help="Calibrated probability of the deciding model; n/a where models have no say."
            ),
        },
        key=_TABLE, on_select=_row_chosen, selection_mode="single-row", alt=_summary(rows).replace("*", ""),
    )  # fmt: skip


def _row_chosen() -> None:
    rows = (st.session_state.get(_TABLE) or {}).get("selection", {}).get("rows") or []
    if rows:
        st.session_state[_AT] = rows[0]
