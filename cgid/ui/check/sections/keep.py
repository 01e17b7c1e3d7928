"""Save and share: the record of this check, a note on it, reports to share, and what is not stored."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui import shell
from cgid.ui.check.record import record
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, records


def _show(subject: Subject, result: dict[str, Any]) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError
    from cgid.records import keep
    from cgid.records.store import analyses

    id = record(subject, result)
    if id is None:
        return
    try:
        known = analyses(sha256=result["sha256"], limit=11)
        saved = next(iter(analyses(id=id)), None)
    except (SQLAlchemyError, InputError) as error:
        parts.problem(error)
        return
    if saved is None:
        st.info(
            "The record of this check was deleted. Check the image again to save a new one.", icon=":material/delete:"
        )
        return
    thumbnail = " and a thumbnail of the image" if keep.thumbnail_path(result["sha256"]) else ", without a thumbnail"
    st.markdown(
        f"Saved as record **{id}**: the result with all values and versions{thumbnail}. The file itself is not stored."
    )
    records.downloads(id, result["sha256"])
    st.caption(
        "A report is generated from the record alone: the same record always gives the same file. It states the models "
        "and versions, how often such a verdict is wrong, and its limitations. Nothing is sent anywhere."
    )
    records.note(id, saved["note"])
    with st.container(horizontal=True):
        shell.link("history", "This record in the history", record=str(id))
        shell.link("history", "All records and storage settings")
    others = [row for row in known if row["id"] != id]
    if others:
        st.markdown("**Other results for this image**, from other models or at another time")
        records.answers(others)


SECTION = Section("keep", "Save and share", ":material/archive:", 9, _show)
