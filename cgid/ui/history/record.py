"""One saved check: its result, note and reports, and all other results for the same image.

Also the setting *Never store images*: its state, its meaning, and deleting the stored thumbnails.
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
from cgid.records.report.document import Finding, Part, PartKind, build_report
from cgid.ui import shell
from cgid.ui.history import view
from cgid.ui.shared import load, parts, records, text
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.session import examine

MAX_RESULTS = 20  # the newest ones for an image


def opened() -> dict[str, Any] | None:
    """The record in the address; None, with a message, if there is none."""
    requested = st.query_params.get(view.OPENED, "")
    rows = store.analyses(id=int(requested)) if re.fullmatch(r"[0-9]{1,15}", requested) else []
    if not rows:
        parts.nothing("There is no such record; it may have been deleted.")
    return rows[0] if rows else None


def show(record: dict[str, Any]) -> None:
    small = keep.thumbnail_path(record["sha256"])
    document = build_report(record)
    left, right = st.columns([1, 3])
    with left:
        url = load.thumbnail(small, keep.THUMBNAIL_SIDE) if small else None
        if url:
            st.image(url, alt=document.alt_text, width=keep.THUMBNAIL_SIDE)
        else:
            st.caption(":material/hide_image: No image was stored.")
    with right:
        icon, colour = shared_text.VERDICTS.get(record["verdict"], shared_text.VERDICTS["unreadable"])[1:]
        st.header(f":{colour}[{icon}] {document.heading}", anchor=False)
        st.markdown(shared_text.literal(document.why))
        chance = (
            f"Calibrated probability of AI: **{shared_text.literal(document.probability)}**. "
            if document.probability
            else ""
        )
        st.markdown(f"{chance}Checked {records.time_of(record['created'])}, record {record['id']}.")
        st.markdown(f"{records.name(record['file'])} · sha256 {shared_text.code(record['sha256'] or 'none')}")
        records.downloads(record["id"], record["sha256"])
        _again(record)
    records.note(record["id"], record["note"])
    _others(record)
    for part in document.parts:
        with st.expander(part.title, expanded=part.kind is PartKind.EVIDENCE):
            _part(part)
    view.delete([record["id"]], "Delete this record")


def _again(record: dict[str, Any]) -> None:
    """The file is not stored; if it is still on this computer, unchanged, it can be checked again."""
    path = Path(record["file"])
    try:
        there = path.is_absolute() and path.is_file() and path.stat().st_size <= keep.MAX_REREAD_BYTES
        same = there and cached_sha256(path) == record["sha256"]
    except (OSError, ValueError):  # a name that is no path here, a folder one may not read
        same = False
    if same:
        if st.button("Check again with the current models", icon=":material/refresh:"):
            examine(path)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "The file itself is not stored. Upload it again to check it with the current models.", width="content"
        )
        shell.link("check")


def _others(record: dict[str, Any]) -> None:
    others = store.analyses(sha256=record["sha256"], limit=MAX_RESULTS) if record["sha256"] else []
    if len(others) > 1:
        st.subheader(f"{len(others)} results for this image", anchor=False)
        verdicts = {row["verdict"] for row in others}
        st.caption("They agree." if len(verdicts) == 1 else "They disagree: models, versions or settings differed.")
        for row in others:
            with st.container(horizontal=True, vertical_alignment="center"):
                records.answers([row])
                if row["id"] != record["id"]:
                    st.button("Open", key=f"other-{row['id']}", on_click=view.open_record, args=(row["id"],))


def _part(part: Part) -> None:
    for paragraph in part.paragraphs:
        st.markdown(shared_text.literal(paragraph))
    if part.facts:
        rows = [{"field": name, "value": value} for name, value in part.facts]
        st.dataframe(rows, hide_index=True, width="stretch", alt=f"{part.title}: {len(rows)} lines")
    for finding in part.findings:
        _finding(finding)
    for item in part.items:
        st.markdown(f"- {shared_text.literal(item)}")


def _finding(finding: Finding) -> None:
    with st.container(border=True, gap="xsmall"):
        details = " · ".join(shared_text.literal(text) for text in (finding.points, finding.number) if text)
        st.markdown(f"**{shared_text.literal(finding.title)}**{'  ·  ' * bool(details)}{details}")
        st.markdown(shared_text.literal(finding.sentence))
        if finding.limitations:
            st.caption(f"Limitations: {shared_text.literal(finding.limitations)}")


KEY = "never-store"


def images() -> None:
    """Shows what is stored, the switch unless the environment sets it, and a button to delete stored thumbnails."""
    forced, stored = settings.set_by_environment(), settings.stores_images()
    st.session_state[KEY] = not stored
    st.toggle("Never store images", key=KEY, disabled=forced, on_change=_choose)
    if stored:
        st.caption(
            f"Currently a thumbnail of each checked image, at most {keep.THUMBNAIL_SIDE} pixels a side, is stored on this "
            "computer for this page, reports and the label map. The file itself is never stored, and nothing leaves this "
            "computer."
        )
    else:
        st.caption(
            "Currently no images are stored. A record still contains the file name, its sha256, its metadata (camera, "
            "location and time if present) and all values. Reports and the label map show no image."
        )
    if forced:
        st.caption(
            f"Set by the environment variable {text.code(settings.STORE_IMAGES_VARIABLE)}; it cannot be changed here."
        )
    if not stored and keep.has_thumbnails():
        st.warning("Thumbnails of earlier checks are still stored.", icon=":material/photo_library:")
        st.button("Delete them permanently", icon=":material/delete:", on_click=_forget)


def _choose() -> None:
    try:
        settings.set_store_images(not st.session_state[KEY])
    except OSError as error:
        st.session_state["history-problem"] = f"The setting could not be saved ({error})."


def _forget() -> None:
    try:
        st.toast(f"{keep.delete_thumbnails()} thumbnails deleted.", icon=":material/delete:")
    except (OSError, InputError) as error:
        st.session_state["history-problem"] = str(error)
