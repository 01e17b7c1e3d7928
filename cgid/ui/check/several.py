"""Several images at once: a table of verdicts in the order of upload, with downloads, and one of them shown in detail.

The CSV is safe in spreadsheets: no cell is run as a formula.
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
from cgid.escape import plain, safe_cell, to_csv
from cgid.formatting import SIGNS, VERDICT_TEXT
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text
from cgid.ui.shared.load import data_url

MAX_CHARS = 180  # characters of a line in the table
NOTHING_NOTED = "No statement in the metadata, and no rule fired."
_COLUMNS = ("file", "sha256", "verdict", "probability_ai", "why", "noted", "same_as")


@dataclass(frozen=True, slots=True)
class Row:
    """result: the object of `check --json`. thumbnail: a data URL or None. same_as: the number, from 1, of the row with
    the identical file."""

    name: str
    result: Mapping[str, Any]
    thumbnail: str | None = None
    same_as: int | None = None

    @property
    def verdict(self) -> str:
        return self.result["verdict"]

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict]

    @property
    def probability(self) -> float | None:
        """Calibrated P(AI) of the deciding model; None if no model decided."""
        return self.result.get("probability_ai")

    @property
    def why(self) -> str:
        """One sentence why, or what is wrong with the file; text from the file is made plain."""
        result = self.result
        return plain(result.get("why") or result.get("error") or result.get("reason") or "", 3 * MAX_CHARS)

    @property
    def noted(self) -> str:
        """The statements of the metadata and the rules that fired, strongest first, without a verdict."""
        statements = list((self.result.get("provenance") or {}).get("statements") or [])
        fired = sorted((self.result.get("rules") or {}).get("fired") or [], key=lambda f: -f["weight"])
        return plain(
            " ".join(dict.fromkeys([*statements, *(f["reason"] for f in fired)])) or NOTHING_NOTED, 3 * MAX_CHARS
        )

    def again(self, name: str, number: int) -> Row:
        """The same file under another name."""
        return replace(self, name=name, same_as=number)


def shared(rows: Sequence[Row]) -> str:
    """The reason that several different images share word for word, as it is specific to none; empty without one."""
    counted = Counter(r.why for r in rows if r.same_as is None and r.verdict != "unreadable")
    why, times = counted.most_common(1)[0] if counted else ("", 0)
    return why if times > 1 else ""


def one_line(row: Row, common: str = "") -> str:
    """The reason, or what was noted if the reason is the shared one."""
    line = row.noted if common and row.why == common else row.why
    return plain(f"Same file as number {row.same_as}. {line}" if row.same_as else line, MAX_CHARS)


def as_csv(rows: Sequence[Row]) -> bytes:
    return to_csv(
        _COLUMNS,
        [
            (row.name, row.result.get("sha256", ""), row.verdict, row.probability, row.why, row.noted, row.same_as)
            for row in rows
        ],
    )


def as_json(rows: Sequence[Row]) -> str:
    """The list of `cgid check --json`, an object per image, in the order of upload."""
    results = [{**row.result, "file": row.name} for row in rows]
    return json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


THUMBNAIL = 72  # px
ROW, HEAD = 44, 38  # px of a row and of the head
MAX_HEIGHT = 330  # px of the table, so that the answer of the selected image stays near
PROGRESS_AFTER, UPDATE_EVERY = (
    0.3,
    2.0,
)  # s of work before progress is shown, and between two updates of the partial table


def choose_one(subjects: Sequence[Subject], check_of: Callable[[Subject], Mapping[str, Any]]) -> Subject:
    """Check them all, draw the table, and return the one to show below. subjects: at least one.

    check_of: the object of `check --json` of one image. Duplicate files are checked once.
    """
    rows = _check_all(subjects, check_of)
    st.markdown(f"{_summary(rows)} Select a row, or use the box below, to show an image.")
    if common := shared(rows):
        st.caption(f"Common to several images: {text.literal(common)} The table shows what was noted for each.")
    # The image to show is chosen by a click on its row or, also by keyboard, in the box below. The widget keys belong to
    # exactly these files: a choice among other files does not carry over.
    mark = hashlib.sha256("".join(s.sha256 + s.name for s in subjects).encode()).hexdigest()[:16]
    at_key, table_key = f"check-several-at-{mark}", f"check-several-table-{mark}"
    st.dataframe(
        _cells(rows), key=table_key, on_select=lambda: _row_chosen(table_key, at_key), selection_mode="single-row",
        **_table_options(rows),
    )  # fmt: skip
    left, *takes = st.columns([3, 1, 1], vertical_alignment="bottom")
    at = left.selectbox(
        "Show", range(len(rows)), key=at_key,
        format_func=lambda i: f"{i + 1}. {text.short(rows[i].name, 60)}: {VERDICT_TEXT[rows[i].verdict]}",
    )  # fmt: skip
    stem, options = "checked_pictures", {"on_click": "ignore", "width": "stretch", "icon": ":material/download:"}
    takes[0].download_button("Table (CSV)", lambda: as_csv(rows), f"{stem}.csv", "text/csv", **options)
    takes[1].download_button("All (JSON)", lambda: as_json(rows), f"{stem}.json", "application/json", **options)
    return subjects[at]


def _check_all(subjects: Sequence[Subject], check_of: Callable[[Subject], Mapping[str, Any]]) -> list[Row]:
    bar, so_far, begun, updated = st.empty(), st.empty(), time.monotonic(), 0.0
    rows: list[Row] = []
    first: dict[str, int] = {}
    for at, subject in enumerate(subjects):
        spent = time.monotonic() - begun
        if spent > PROGRESS_AFTER:
            bar.progress(at / len(subjects), f"Checked {at} of {len(subjects)}, now {text.code(subject.name)}")
        if rows and spent - updated > UPDATE_EVERY:
            so_far.dataframe(_cells(rows), **_table_options(rows))
            updated = spent
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
    """A small WebP as a data URL; None if the image cannot be read."""
    from PIL import Image

    try:
        pixels = _subject.image.rgb
    except InputError:
        return None
    step = max(1, min(pixels.shape[:2]) // (2 * THUMBNAIL))
    return data_url(Image.fromarray(pixels[::step, ::step]), THUMBNAIL)


def _summary(rows: Sequence[Row]) -> str:
    """The number of images by verdict, strongest first."""
    counted = {verdict: [r for r in rows if r.verdict == verdict] for verdict in text.VERDICTS}
    description = ", ".join(f"{len(of)} {VERDICT_TEXT[verdict]}" for verdict, of in counted.items() if of)
    double = sum(r.same_as is not None for r in rows)
    repeated = f" {double} {'is a duplicate' if double == 1 else 'are duplicates'} and checked once." if double else ""
    return f"{description}.{repeated}"


def _cells(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Cells that are safe in a spreadsheet too: the table's own menu saves what it shows."""
    chances, common = any(r.probability is not None for r in rows), shared(rows)
    return [
        {
            "Image": r.thumbnail,
            "Verdict": f"{r.sign} {VERDICT_TEXT[r.verdict]}",
            **({"P(AI)": text.probability(r.probability)} if chances else {}),
            "File": safe_cell(r.name),
            "Why": safe_cell(one_line(r, common)),
        }
        for r in rows
    ]


def _table_options(rows: Sequence[Row]) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "hide_index": True,
        "row_height": ROW,
        "height": min(MAX_HEIGHT, HEAD + ROW * len(rows)),
        "alt": f"Table of verdicts: {_summary(rows)}",
        "column_config": {
            "Image": st.column_config.ImageColumn(width=64),
            "Verdict": text(width=130),
            "P(AI)": text(width=70, help="Calibrated probability of the deciding model; n/a if no model decided."),
            "File": text(width=200),
            "Why": text(width="large"),
        },
    }


def _row_chosen(table_key: str, at_key: str) -> None:
    rows = (st.session_state.get(table_key) or {}).get("selection", {}).get("rows") or []
    if rows:
        st.session_state[at_key] = rows[0]
