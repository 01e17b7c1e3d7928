"""The file itself: structure, metadata, location, embedded previews and hashes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject

STRUCTURE, METADATA, LOCATION, PREVIEWS, HASHES = "Structure", "Metadata", "Location", "Embedded previews", "Hashes"


@st.cache_resource(max_entries=6, ttl=900, show_spinner=False)
def _built(sha256: str, _data: bytes):
    from cgid.fileformat.tree import parse_structure

    return parse_structure(_data)


def _show(subject: Subject, result: dict[str, Any]) -> None:
    _file(subject)


@st.fragment
def _file(subject: Subject) -> None:
    """A fragment, so that selecting a part reruns nothing else of the page."""
    from cgid.inspector.thumbnails import embedded_previews
    from cgid.ui.check import file_hashes, file_metadata, file_previews, file_structure

    built = _built(subject.sha256, subject.data)
    file_structure.problems(built)
    location, previews = _location(subject), [*embedded_previews(built), *_in_xmp(subject)]
    titles = [STRUCTURE, METADATA, *([LOCATION] if location else []), *([PREVIEWS] if previews else []), HASHES]
    chosen = st.segmented_control("Show", titles, default=STRUCTURE, key="file-part", required=True)
    if chosen == METADATA:
        file_metadata.show(subject, built)
    elif chosen == LOCATION and location:
        file_previews.show_location(location)
    elif chosen == PREVIEWS and previews:
        file_previews.show(subject, previews)
    elif chosen == HASHES:
        file_hashes.show(subject)
    else:
        file_structure.show(subject, built)


def _location(subject: Subject):
    """The GPS position in EXIF; None if there is none, or the image cannot be read."""
    from cgid.imaging.image_file import UnreadableImage
    from cgid.inspector.geolocation import from_gps
    from cgid.metadata.exif import ifd

    try:
        return from_gps(ifd(subject.image, "gps"))
    except UnreadableImage:
        return None


def _in_xmp(subject: Subject) -> list:
    from cgid.imaging.image_file import UnreadableImage
    from cgid.inspector.thumbnails import xmp_previews

    try:
        return subject.image.cached(xmp_previews)
    except UnreadableImage:
        return []


SECTION = Section("file", "The file", ":material/description:", 3, _show)
