"""One kept check, opened: what was said then, its note and reports, every other answer on the same picture.

The setting *Never store images*: what it means, and what to do with the small pictures that are there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

from cgid import settings
from cgid.errors import InputError
from cgid.files import cached_sha256
from cgid.records import keep, store
from cgid.records.report.document import Finding, Part, PartKind, report
from cgid.ui import shell
from cgid.ui.history import view
from cgid.ui.shared import load, parts, records, text
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.session import examine

MOST_ANSWERS = 20  # the newest ones of a picture


def opened() -> dict[str, Any] | None:
    """The record the address names; None, said so, where there is none."""
    asked = st.query_params.get(view.OPENED, "")
    found = store.analyses(id=int(asked)) if re.fullmatch(r"[0-9]{1,15}", asked) else []
    if not found:
        parts.nothing("There is no such record; it may have been deleted.")
    return found[0] if found else None


def show(record: dict[str, Any]) -> None:
    small = keep.kept(record["sha256"])
    said = report(record)
    left, right = st.columns([1, 3])
    with left:
        url = load.thumbnail(small, keep.SIDE) if small else None
        if url:
            st.image(url, alt=said.picture_says, width=keep.SIDE)
        else:
            st.caption(":material/hide_image: No picture was kept.")
    with right:
        icon, colour = shared_text.VERDICTS.get(record["verdict"], shared_text.VERDICTS["unreadable"])[1:]
        st.header(f":{colour}[{icon}] {said.heading}", anchor=False)
        st.markdown(shared_text.literal(said.why))
        chance = (
            f"Calibrated probability of AI: **{shared_text.literal(said.probability)}**. " if said.probability else ""
        )
        st.markdown(f"{chance}Checked {records.time_of(record['created'])}, record {record['id']}.")
        st.markdown(f"{records.name(record['file'])} · sha256 {shared_text.code(record['sha256'] or 'none')}")
        records.downloads(record["id"], record["sha256"])
        _again(record)
    records.note(record["id"], record["note"])
    _others(record)
    for part in said.parts:
        with st.expander(part.title, expanded=part.kind is PartKind.EVIDENCE):
            _part(part)
    view.delete([record["id"]], "Delete this record")


def _again(record: dict[str, Any]) -> None:
    """The picture itself is not kept; where its file still lies on this machine, unchanged, it can be looked at anew."""
    path = Path(record["file"])
    try:
        there = path.is_absolute() and path.is_file() and path.stat().st_size <= keep.MAX_REREAD_BYTES
        same = there and cached_sha256(path) == record["sha256"]
    except (OSError, ValueError):  # a name that is no path here, a folder one may not read
        same = False
    if same:
        if st.button("Check again with today's models", icon=":material/refresh:"):
            examine(path)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("The file itself is not stored: drop it again to have it judged by today's models.", width="content")
        shell.link("check")


def _others(record: dict[str, Any]) -> None:
    others = store.analyses(sha256=record["sha256"], limit=MOST_ANSWERS) if record["sha256"] else []
    if len(others) > 1:
        st.subheader(f"{len(others)} answers on this picture", anchor=False)
        verdicts = {row["verdict"] for row in others}
        st.caption("They agree." if len(verdicts) == 1 else "They do not agree: models, versions or settings differed.")
        for row in others:
            with st.container(horizontal=True, vertical_alignment="center"):
                records.answers([row])
                if row["id"] != record["id"]:
                    st.button("Open", key=f"other-{row['id']}", on_click=view.open_record, args=(row["id"],))


def _part(part: Part) -> None:
    for paragraph in part.paragraphs:
        st.markdown(shared_text.literal(paragraph))
    if part.facts:
        rows = [{"what": what, "which": which} for what, which in part.facts]
        st.dataframe(rows, hide_index=True, width="stretch", alt=f"{part.title}: {len(rows)} lines")
    for finding in part.findings:
        _finding(finding)
    for item in part.items:
        st.markdown(f"- {shared_text.literal(item)}")


def _finding(finding: Finding) -> None:
    with st.container(border=True, gap="xsmall"):
        said = " · ".join(shared_text.literal(text) for text in (finding.points, finding.number) if text)
        st.markdown(f"**{shared_text.literal(finding.title)}**{'  ·  ' * bool(said)}{said}")
        st.markdown(shared_text.literal(finding.sentence))
        if finding.fooled_by:
            st.caption(f"What could fool this: {shared_text.literal(finding.fooled_by)}")


KEY = "never-store"


def images() -> None:
    """Says what is kept, lets a person choose unless the environment does, and offers to take away what is there."""
    forced, stored = settings.forced(), settings.stores_images()
    st.session_state[KEY] = not stored
    st.toggle("Never store images", key=KEY, disabled=forced, on_change=_choose)
    if stored:
        st.caption(
            f"Now: of each checked picture a copy of at most {keep.SIDE} pixels a side stays on this machine, for this "
            "page, reports and the label map. The file itself is never stored, and nothing leaves this machine."
        )
    else:
        st.caption(
            "Now: nothing of a picture is stored. Its record still holds the file's name, its sha256, what the file says of "
            "itself (camera, place and time where it tells them) and all numbers. Reports and the label map show no picture."
        )
    if forced:
        st.caption(
            f"Set by {text.code(settings.VARIABLE)} in the environment of this program; it cannot be changed here."
        )
    if not stored and keep.any_kept():
        st.warning("Small pictures of earlier checks are still here.", icon=":material/photo_library:")
        st.button("Delete them for good", icon=":material/delete:", on_click=_forget)


def _choose() -> None:
    try:
        settings.store_images(not st.session_state[KEY])
    except OSError as error:
        st.session_state["history-problem"] = f"The choice could not be kept ({error})."


def _forget() -> None:
    try:
        st.toast(f"{keep.forget_pictures()} small pictures deleted.", icon=":material/delete:")
    except (OSError, InputError) as error:
        st.session_state["history-problem"] = str(error)
