"""Keep and share: the record of this check, a note on it, reports to hand on, and what is not kept."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui import shell
from cgid.ui.check.record import record
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, records


def _show(subject: Subject, found: dict[str, Any]) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from cgid.errors import InputError
    from cgid.records import keep
    from cgid.records.store import analyses

    id = record(subject, found)
    if id is None:
        return
    try:
        known = analyses(sha256=found["sha256"], limit=11)
        mine = next(iter(analyses(id=id)), None)
    except (SQLAlchemyError, InputError) as error:
        parts.problem(error)
        return
    if mine is None:
        st.info(
            "The record of this check was deleted; look at the picture anew to keep another.", icon=":material/delete:"
        )
        return
    small = " and a small copy of the picture" if keep.kept(found["sha256"]) else ", and nothing of the picture"
    st.markdown(
        f"Kept as record **{id}**: the answer with every number and version{small}. The file itself is not stored."
    )
    records.downloads(id, found["sha256"])
    st.caption(
        "A report is made from the record alone: the same record always gives the same file. It names the models and "
        "versions, says how often such a verdict is wrong, and what could fool it. Nothing is sent anywhere."
    )
    records.note(id, mine["note"])
    with st.container(horizontal=True):
        shell.link("history", "This record in the history", record=str(id))
        shell.link("history", "All records and what is kept")
    others = [row for row in known if row["id"] != id]
    if others:
        st.markdown("**Other answers on this picture**, by other models or at another time")
        records.answers(others)


SECTION = Section("keep", "Keep and share", ":material/archive:", 9, _show)
