"""One kept check, opened: what was said then, its note and reports, every other answer on the same picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit as st

from cgid import db_analyses
from cgid.files import cached_sha256
from cgid.forensics import thumbnails
from cgid.forensics.report.document import Finding, Part, PartKind, report
from cgid.ui import history_view, load, parts, record_parts, shell, words
from cgid.ui.shared.session import examine

MOST_ANSWERS = 20  # the newest ones of a picture


def opened() -> dict[str, Any] | None:
    """The record the address names; None, said so, where there is none."""
    asked = st.query_params.get(history_view.OPENED, "")
    found = db_analyses.analyses(id=int(asked)) if re.fullmatch(r"[0-9]{1,15}", asked) else []
    if not found:
        parts.nothing("There is no such record; it may have been deleted.")
    return found[0] if found else None


def show(record: dict[str, Any]) -> None:
    small = thumbnails.kept(record["sha256"])
    said = report(record)
    left, right = st.columns([1, 3])
    with left:
        url = load.thumbnail(small, thumbnails.SIDE) if small else None
        if url:
            st.image(url, alt=said.picture_says, width=thumbnails.SIDE)
        else:
            st.caption(":material/hide_image: No picture was kept.")
    with right:
        icon, colour = words.VERDICTS.get(record["verdict"], words.VERDICTS["unreadable"])[1:]
        st.header(f":{colour}[{icon}] {said.heading}", anchor=False)
        st.markdown(words.literal(said.why))
        chance = f"Calibrated probability of AI: **{words.literal(said.probability)}**. " if said.probability else ""
        st.markdown(f"{chance}Checked {record_parts.time_of(record['created'])}, record {record['id']}.")
        st.markdown(f"{record_parts.name(record['file'])} · sha256 {words.code(record['sha256'] or 'none')}")
        record_parts.downloads(record["id"], record["sha256"])
        _again(record)
    record_parts.note(record["id"], record["note"])
    _others(record)
    for part in said.parts:
        with st.expander(part.title, expanded=part.kind is PartKind.EVIDENCE):
            _part(part)
    history_view.delete([record["id"]], "Delete this record")


def _again(record: dict[str, Any]) -> None:
    """The picture itself is not kept; where its file still lies on this machine, unchanged, it can be looked at anew."""
    path = Path(record["file"])
    try:
        there = path.is_absolute() and path.is_file() and path.stat().st_size <= thumbnails.MAX_REREAD_BYTES
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
    others = db_analyses.analyses(sha256=record["sha256"], limit=MOST_ANSWERS) if record["sha256"] else []
    if len(others) > 1:
        st.subheader(f"{len(others)} answers on this picture", anchor=False)
        verdicts = {row["verdict"] for row in others}
        st.caption("They agree." if len(verdicts) == 1 else "They do not agree: models, versions or settings differed.")
        for row in others:
            with st.container(horizontal=True, vertical_alignment="center"):
                record_parts.answers([row])
                if row["id"] != record["id"]:
                    st.button("Open", key=f"other-{row['id']}", on_click=history_view.open_record, args=(row["id"],))


def _part(part: Part) -> None:
    for text in part.paragraphs:
        st.markdown(words.literal(text))
    if part.facts:
        rows = [{"what": what, "which": which} for what, which in part.facts]
        st.dataframe(rows, hide_index=True, width="stretch", alt=f"{part.title}: {len(rows)} lines")
    for finding in part.findings:
        _finding(finding)
    for item in part.items:
        st.markdown(f"- {words.literal(item)}")


def _finding(finding: Finding) -> None:
    with st.container(border=True, gap="xsmall"):
        said = " · ".join(words.literal(text) for text in (finding.points, finding.number) if text)
        st.markdown(f"**{words.literal(finding.title)}**{'  ·  ' * bool(said)}{said}")
        st.markdown(words.literal(finding.sentence))
        if finding.fooled_by:
            st.caption(f"What could fool this: {words.literal(finding.fooled_by)}")
