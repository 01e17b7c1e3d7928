"""The declared origin of the image: credentials as a history, generator settings, camera settings, EXIF thumbnail.

All of it is untrusted text: shown as text, never as Markdown. The thumbnail is compared with the image, because an edit
that did not update it shows in the difference.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from PIL import Image

from cgid.forensics.provenance.history import thumbnails
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.inspector.thumbnails import GAIN, Comparison, Preview, compare
from cgid.metadata.exif_checks import Metadata
from cgid.metadata.thumbnail import exif_thumbnail
from cgid.ui.check import provenance_history
from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts
from cgid.ui.shared import text as shared_text
from cgid.ui.shared.load import data_url

WIDTH = 220  # px


def show_thumbnail(image: ImageFile) -> None:
    """The EXIF thumbnail next to the image; nothing without a thumbnail that can be compared."""
    comparison = image.cached(_compared)
    if comparison is None:
        return
    st.subheader("EXIF thumbnail", anchor=False)
    st.markdown(comparison.sentence)
    width, height = comparison.size
    with st.container(horizontal=True):
        for pixels, title, alt in (
            (comparison.thumbnail, "Thumbnail", f"The EXIF thumbnail. {comparison.sentence}"),
            (
                comparison.picture,
                "The image at the same size",
                f"The image at the thumbnail's size, {width} by {height} pixels.",
            ),
            (comparison.difference, f"Difference, {GAIN} times brighter", f"Difference map. {comparison.sentence}"),
        ):
            st.image(data_url(Image.fromarray(pixels)), caption=title, width=WIDTH, alt=alt)


def _compared(image: ImageFile) -> Comparison | None:
    raw = exif_thumbnail(image)
    return compare(image, Preview("EXIF", raw, None)) if raw else None


MAX_FIELD_BYTES = 4 * 1024 * 1024  # of one field that is handed out as it is
MAX_TEXTS = 12
LONG = ("prompt", "negative prompt")
NO_METADATA = (
    "The file has no metadata about its origin: no credentials, no generator, no camera. This is so for most images on "
    "the web, because websites and messengers remove such data."
)


def show(subject: Subject, result: dict[str, Any]) -> None:
    """Everything the metadata declares. result: the object of `check --json`."""
    provenance = result.get("provenance") or {}
    try:
        image = subject.image
    except UnreadableImage as problem:
        parts.problem(problem)
        return
    _statements(provenance)
    provenance_history.show(provenance, image.cached(thumbnails))
    metadata = image.cached(Metadata)
    _generators(provenance, metadata)
    _camera(metadata)
    show_thumbnail(image)
    _texts(metadata)


def _statements(provenance: dict[str, Any]) -> None:
    statements = provenance.get("statements") or []
    if not statements:
        st.markdown(NO_METADATA)
        return
    for statement in statements:
        st.markdown(f"- {shared_text.literal(statement)}")


def _generators(provenance: dict[str, Any], metadata: Metadata) -> None:
    """The generator settings in the metadata."""
    traces = [trace for trace in provenance.get("traces") or [] if trace.get("settings")]
    distinct = {(t["generator"], tuple(t["settings"].items())): t for t in traces}
    if not distinct:
        return
    st.subheader("Generator settings", anchor=False)
    for number, trace in enumerate(distinct.values()):
        with st.container(border=True):
            st.markdown(
                f"**{shared_text.literal(trace['generator'])}**, according to {shared_text.literal(trace['place'])}"
            )
            provenance = trace["settings"]
            for name in (name for name in LONG if name in provenance):
                st.caption(shared_text.literal(name.capitalize()))
                st.code(provenance[name], language=None, wrap_lines=True)
            rows = [{"setting": name, "value": text} for name, text in provenance.items() if name not in LONG]
            if rows:
                alt = "Settings: " + ", ".join(f"{row['setting']} {row['value']}" for row in rows)
                st.dataframe(rows, hide_index=True, width="stretch", alt=alt)
            _full_field(trace["place"], metadata, number)
    st.caption("Anyone can write such fields, though there is little to gain; most websites remove them.")


def _full_field(place: str, metadata: Metadata, number: int) -> None:
    """The field as stored in the file: a workflow can be loaded into the generator again."""
    text = next((t for t in metadata.texts if f"{t.place} field “{t.key}”" == place), None)
    if text is None or len(text.text) > MAX_FIELD_BYTES:
        return
    kind = "json" if text.text.lstrip()[:1] == "{" else "txt"
    st.download_button(
        f"Full field ({len(text.text):,} characters)", text.text.encode("utf-8", "replace"), f"field.{kind}",
        "text/plain", icon=":material/download:", on_click="ignore", key=f"field-{number}",
    )  # fmt: skip


def _camera(metadata: Metadata) -> None:
    from cgid.forensics.provenance.camera import camera_settings

    facts = camera_settings(metadata)
    if not facts:
        return
    st.subheader("Camera settings in EXIF", anchor=False)
    st.dataframe(
        [{"setting": label, "value": text} for label, text in facts], hide_index=True, width="stretch",
        alt="Camera settings: " + "; ".join(f"{label} {text}" for label, text in facts),
    )  # fmt: skip
    st.caption("EXIF is not protected: it can be copied from any photograph, or invented.")


def _texts(metadata: Metadata) -> None:
    """Titles, captions and comments: quoted only, since they do not affect the verdict."""
    from cgid.forensics.evidence.kinds.metadata import quoted

    rows = quoted(metadata)[:MAX_TEXTS]
    if not rows:
        return
    st.subheader("Titles, captions, comments", anchor=False)
    for place, text in rows:
        st.caption(shared_text.literal(place))
        st.code(text, language=None, wrap_lines=True)


SECTION = Section("origin", "Origin", ":material/history_edu:", 3, show)
