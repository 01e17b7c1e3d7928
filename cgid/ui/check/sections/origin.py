"""Where the picture comes from, by what its file says: credentials, generator, camera, thumbnail.

What the file says about where it comes from: credentials as a history, generator settings, camera, thumbnail.

All of it is text of a stranger: shown as text, never as Markdown.

The small picture in EXIF beside the picture itself and where they differ: an edit that forgot it gives itself away.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from PIL import Image

from cgid.forensics.provenance.history import thumbnails
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.inspector.thumbnails import GAIN, Comparison, Preview, compare
from cgid.metadata.exif_checks import Metadata
from cgid.metadata.thumbnail import thumbnail
from cgid.ui.check import provenance_history
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.load import data_url

WIDTH = 220  # px


def show_thumbnail(image: ImageFile) -> None:
    """Nothing where there is no thumbnail that can be compared."""
    found = image.once(_compared)
    if found is None:
        return
    st.subheader("The thumbnail in EXIF", anchor=False)
    st.markdown(found.sentence)
    width, height = found.size
    with st.container(horizontal=True):
        for pixels, title, alt in (
            (found.thumbnail, "The thumbnail", f"The thumbnail that EXIF holds. {found.sentence}"),
            (
                found.picture,
                "The picture, as small",
                f"The picture at the thumbnail's size, {width} by {height} pixels.",
            ),
            (found.difference, f"Difference, {GAIN} times as bright", f"Differences. {found.sentence}"),
        ):
            st.image(data_url(Image.fromarray(pixels)), caption=title, width=WIDTH, alt=alt)


def _compared(image: ImageFile) -> Comparison | None:
    raw = thumbnail(image)
    return compare(image, Preview("EXIF", raw, None)) if raw else None


MOST_BYTES = 4 * 1024 * 1024  # of one field that is handed out as it is
MOST_TEXTS = 12
LONG = ("prompt", "negative prompt")
SILENT = (
    "The file says nothing about where it comes from: no credentials, no trace of a generator, no camera. Most pictures "
    "on the web are so, for websites and messengers remove such data."
)


def show(subject: Subject, found: dict[str, Any]) -> None:
    """All that the file says; found is the object of `check --json`."""
    said = found.get("provenance") or {}
    try:
        image = subject.image
    except UnreadableImage as problem:
        parts.problem(problem)
        return
    _statements(said)
    provenance_history.show(said, image.once(thumbnails))
    metadata = image.once(Metadata)
    _generators(said, metadata)
    _camera(metadata)
    show_thumbnail(image)
    _texts(metadata)


def _statements(said: dict[str, Any]) -> None:
    statements = said.get("statements") or []
    if not statements:
        st.markdown(SILENT)
        return
    for statement in statements:
        st.markdown(f"- {shared_text.literal(statement)}")


def _generators(said: dict[str, Any], metadata: Metadata) -> None:
    """How the picture was made, as each generator's fields tell it."""
    traces = [trace for trace in said.get("traces") or [] if trace.get("settings")]
    told = {(t["generator"], tuple(t["settings"].items())): t for t in traces}
    if not told:
        return
    st.subheader("How a generator made it", anchor=False)
    for number, trace in enumerate(told.values()):
        with st.container(border=True):
            st.markdown(f"**{shared_text.literal(trace['generator'])}**, by {shared_text.literal(trace['place'])}")
            said = trace["settings"]
            for name in (name for name in LONG if name in said):
                st.caption(shared_text.literal(name.capitalize()))
                st.code(said[name], language=None, wrap_lines=True)
            rows = [{"setting": name, "value": text} for name, text in said.items() if name not in LONG]
            if rows:
                alt = "Settings: " + ", ".join(f"{row['setting']} {row['value']}" for row in rows)
                st.dataframe(rows, hide_index=True, width="stretch", alt=alt)
            _whole_field(trace["place"], metadata, number)
    st.caption("Anybody can write such fields, though it gains little; most websites remove them.")


def _whole_field(place: str, metadata: Metadata, number: int) -> None:
    """The field as it stands in the file: a workflow can be loaded into the generator again."""
    text = next((t for t in metadata.texts if f"{t.place} field “{t.key}”" == place), None)
    if text is None or len(text.text) > MOST_BYTES:
        return
    kind = "json" if text.text.lstrip()[:1] == "{" else "txt"
    st.download_button(
        f"The whole field ({len(text.text):,} characters)", text.text.encode("utf-8", "replace"), f"field.{kind}",
        "text/plain", icon=":material/download:", on_click="ignore", key=f"field-{number}",
    )  # fmt: skip


def _camera(metadata: Metadata) -> None:
    from cgid.forensics.provenance.camera import camera_facts

    facts = camera_facts(metadata)
    if not facts:
        return
    st.subheader("What EXIF says of the camera", anchor=False)
    st.dataframe(
        [{"what": label, "EXIF says": text} for label, text in facts], hide_index=True, width="stretch",
        alt="What EXIF says: " + "; ".join(f"{label} {text}" for label, text in facts),
    )  # fmt: skip
    st.caption("EXIF is plain text: it can be copied from any photograph, or made up.")


def _texts(metadata: Metadata) -> None:
    """Titles, captions, comments: quoted, for they count for nothing."""
    from cgid.forensics.evidence.kinds.metadata import quoted

    rows = quoted(metadata)[:MOST_TEXTS]
    if not rows:
        return
    st.subheader("Titles, captions, comments", anchor=False)
    for place, text in rows:
        st.caption(shared_text.literal(place))
        st.code(text, language=None, wrap_lines=True)


SECTION = Section("origin", "Origin", ":material/history_edu:", 3, show)
