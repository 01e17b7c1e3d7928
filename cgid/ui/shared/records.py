"""One saved check on pages: verdict, note, downloads."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from cgid.records.store import MAX_NOTE_CHARS
from cgid.ui.shared import text

FORMATS = {
    "html": (
        "Report (HTML)",
        ":material/description:",
        "one file for any browser, in light and dark mode and for printing",
    ),
    "pdf": ("Report (PDF)", ":material/picture_as_pdf:", "to print and to share"),
    "json": ("Record (JSON)", ":material/data_object:", "all results, machine-readable"),
}


def zone() -> tzinfo:
    """The time zone of the person's browser, else UTC."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def time_of(created: float) -> str:
    when = datetime.fromtimestamp(created, zone())
    return f"{when:%Y-%m-%d %H:%M}{'' if st.context.timezone else ' UTC'}"


def verdict(kind: str) -> tuple[str, str]:
    """(coloured Markdown with icon and title, the title)."""
    title, icon, colour = text.VERDICTS.get(kind, text.VERDICTS["unreadable"])
    return f":{colour}[{icon} **{title}**]", title


def chance(probability: float | None) -> str:
    """`· 96 % AI`; never a certainty by rounding. Nothing without a number."""
    from cgid import formatting
    from cgid.records.report.text import is_number

    return f"· {formatting.probability(probability)} AI" if is_number(probability) else ""


def name(file: str) -> str:
    """The file's own name, short and as code."""
    return text.code(text.short(file.replace("\\", "/").rstrip("/").split("/")[-1] or "unnamed", 60))


def downloads(id: int, sha256: str) -> None:
    """The three files of a record, created when they are requested."""
    with st.container(horizontal=True):
        for kind, (title, icon, what) in FORMATS.items():
            st.download_button(
                title, lambda kind=kind: _content(id, kind), f"cgid-{sha256[:12] or 'record'}-{id}.{kind}", _mime(kind),
                icon=icon, key=f"take-{kind}-{id}", on_click="ignore", help=what[0].upper() + what[1:] + ".",
            )  # fmt: skip
    st.caption(
        "A report quotes the file's metadata: camera and serial number, location, names, texts. Read it before you share it."
    )


def note(id: int, text: str) -> None:
    """The note, written when a person leaves the field or presses the button."""
    key = f"note-{id}"
    st.text_area(
        "Note", text, key=key, max_chars=MAX_NOTE_CHARS, height=100, placeholder="Where the image came from, who requested the check, what followed",
        help="Plain text. It can be searched on the History page and appears in every report.", on_change=_noted, args=(id, key),
    )  # fmt: skip


def _noted(id: int, key: str) -> None:
    from cgid.records.store import write_note

    if write_note(id, st.session_state[key]):
        st.toast("Note saved.", icon=":material/edit_note:")


def _content(id: int, kind: str) -> bytes:
    from cgid.records.report.write import find_record, write_report

    return write_report(find_record(str(id)), kind)


def _mime(kind: str) -> str:
    return {"html": "text/html", "pdf": "application/pdf", "json": "application/json"}[kind]


def answers(rows: list[dict[str, Any]]) -> None:
    """Several records of one image, a line each: verdict, models, time."""
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{verdict(row['verdict'])[0]} {chance(row['probability_ai'])}".rstrip(), width="content")
            st.caption(f"{_models(row['check'])} · {time_of(row['created'])} · record {row['id']}", width="content")


def _models(check: dict[str, Any]) -> str:
    used = check.get("models") or {}
    runs = [(title, (used.get(kind) or {}).get("run")) for kind, title in (("model_a", "A"), ("model_b", "B"))]
    return ", ".join(f"Model {title} {text.code(text.short(run, 40))}" for title, run in runs if run) or "no model"
