"""Several pictures at once: a table of verdicts as they were dropped, to take away, and one of them to look at.

The verdicts of several pictures as rows, as CSV that no spreadsheet runs, and as JSON.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.escape import plain, safe, to_csv
from cgid.formatting import SIGNS, WORDS
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text
from cgid.ui.shared.load import data_url

LONGEST = 180  # characters of a line in the table
NOTHING = "Nothing speaks in the file, and no rule fired."
_COLUMNS = ("file", "sha256", "verdict", "probability_ai", "why", "noted", "same_as")


@dataclass(frozen=True, slots=True)
class Row:
    """found: the object of `check --json`. thumbnail: a data URL or None. same_as: the number, from 1, of the row that
    holds the very same file."""

    name: str
    found: Mapping[str, Any]
    thumbnail: str | None = None
    same_as: int | None = None

    @property
    def verdict(self) -> str:
        return self.found["verdict"]

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict]

    @property
    def probability(self) -> float | None:
        """Calibrated P(AI) of the deciding model; None where models have no say."""
        return self.found.get("probability_ai")

    @property
    def why(self) -> str:
        """One sentence why, or what is wrong with the file; text of the file is plain in it."""
        found = self.found
        return plain(found.get("why") or found.get("error") or found.get("reason") or "", 3 * LONGEST)

    @property
    def noted(self) -> str:
        """What the file says and the rules found, strongest first, without a verdict."""
        said = list((self.found.get("provenance") or {}).get("statements") or [])
        fired = sorted((self.found.get("rules") or {}).get("fired") or [], key=lambda f: -f["weight"])
        return plain(" ".join(dict.fromkeys([*said, *(f["reason"] for f in fired)])) or NOTHING, 3 * LONGEST)

    def again(self, name: str, number: int) -> Row:
        """The same file under another name."""
        return replace(self, name=name, same_as=number)


def shared(rows: Sequence[Row]) -> str:
    """The reason that several different pictures have word for word, as it says nothing of any one; `` without one."""
    counted = Counter(r.why for r in rows if r.same_as is None and r.verdict != "unreadable")
    why, times = counted.most_common(1)[0] if counted else ("", 0)
    return why if times > 1 else ""


def one_line(row: Row, common: str = "") -> str:
    """Why, or what was noted where the reason is the one that all share."""
    line = row.noted if common and row.why == common else row.why
    return plain(f"Same file as number {row.same_as}. {line}" if row.same_as else line, LONGEST)


def as_csv(rows: Sequence[Row]) -> bytes:
    return to_csv(
        _COLUMNS,
        [
            (row.name, row.found.get("sha256", ""), row.verdict, row.probability, row.why, row.noted, row.same_as)
            for row in rows
        ],
    )


def as_json(rows: Sequence[Row]) -> str:
    """The list of `cgid check --json`, an object per picture, as they were dropped."""
    found = [{**row.found, "file": row.name} for row in rows]
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


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
        st.caption(f"Said of several: {text.literal(common)} The table says what was noted of each.")
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
        format_func=lambda i: f"{i + 1}. {text.short(rows[i].name, 60)}: {WORDS[rows[i].verdict]}",
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
            bar.progress(at / len(subjects), f"Judged {at} of {len(subjects)}, now {text.code(subject.name)}")
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
    counted = {verdict: [r for r in rows if r.verdict == verdict] for verdict in text.VERDICTS}
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
            **({"P(AI)": text.probability(r.probability)} if chances else {}),
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
