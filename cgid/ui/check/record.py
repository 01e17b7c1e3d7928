"""Saves each result of a session once, with a thumbnail if images may be stored: for history, reports and label map."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text
from cgid.ui.shared.session import RECORDED

ADDED = "recorded-later"  # in the session: {(record's id, key)} that was added to a saved result


def record(subject: Subject, result: dict[str, Any]) -> int | None:
    """The record's id, created once per session; None, with the reason shown, if nothing could be saved."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.records import keep

    seen: dict[tuple, int] = st.session_state.setdefault(RECORDED, {})
    mark = _mark(result)
    if mark in seen:
        return seen[mark]
    image = None if result["verdict"] == "unreadable" else subject.image
    try:
        seen[mark] = keep.record_check(result, image)
    except (SQLAlchemyError, InputError, OSError) as error:
        st.warning(f"This check could not be saved ({text.literal(_line(error))}).", icon=":material/save:")
        return None
    if image is not None:
        try:
            keep.save_thumbnail(result["sha256"], image, result["file"])
        except OSError as error:
            st.warning(f"The thumbnail could not be saved ({text.literal(_line(error))}).")
    return seen[mark]


def add(result: dict[str, Any], key: str, value: Any) -> None:
    """Add a later result to this session's record, once; reports then include it."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.records.store import add_to_answer

    id = st.session_state.get(RECORDED, {}).get(_mark(result))
    done: set[tuple[int, str]] = st.session_state.setdefault(ADDED, set())
    if id is None or (id, key) in done:
        return
    try:
        add_to_answer(id, {key: value})
        done.add((id, key))
    except (SQLAlchemyError, InputError) as error:
        st.caption(f"This could not be saved with the record ({text.literal(_line(error))}).")


def _mark(result: dict[str, Any]) -> tuple[str, str, str]:
    return result["sha256"], result["file"], json.dumps(result.get("models"), sort_keys=True)


def _line(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:200]
