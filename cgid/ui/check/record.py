"""Keeps each answer of a visit once, with its small picture where pictures may be kept: history, reports and label map."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.ui.check.subject import Subject
from cgid.ui.shared import text
from cgid.ui.shared.session import RECORDED

ADDED = "recorded-later"  # in the session: {(record's id, key)} that was put beside the answer


def record(subject: Subject, found: dict[str, Any]) -> int | None:
    """The record's id, made on the first look of this visit; None, with the reason shown, where nothing could be kept."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.records import keep

    seen: dict[tuple, int] = st.session_state.setdefault(RECORDED, {})
    mark = _mark(found)
    if mark in seen:
        return seen[mark]
    image = None if found["verdict"] == "unreadable" else subject.image
    try:
        seen[mark] = keep.record(found, image)
    except (SQLAlchemyError, InputError, OSError) as error:
        st.warning(f"This check could not be kept ({text.literal(_line(error))}).", icon=":material/save:")
        return None
    if image is not None:
        try:
            keep.save_thumbnail(found["sha256"], image, found["file"])
        except OSError as error:
            st.warning(f"No small picture could be kept ({text.literal(_line(error))}).")
    return seen[mark]


def add(found: dict[str, Any], key: str, value: Any) -> None:
    """Put what was found out after the answer into this visit's record of it, once; a report then tells it too."""
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.records.store import add_to_answer

    id = st.session_state.get(RECORDED, {}).get(_mark(found))
    done: set[tuple[int, str]] = st.session_state.setdefault(ADDED, set())
    if id is None or (id, key) in done:
        return
    try:
        add_to_answer(id, {key: value})
        done.add((id, key))
    except (SQLAlchemyError, InputError) as error:
        st.caption(f"This could not be kept with the record ({text.literal(_line(error))}).")


def _mark(found: dict[str, Any]) -> tuple[str, str, str]:
    return found["sha256"], found["file"], json.dumps(found.get("models"), sort_keys=True)


def _line(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:200]
