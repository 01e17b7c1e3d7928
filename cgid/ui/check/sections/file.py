"""The file itself under the glass: how it is built, what it says, where it says it was taken, small copies, fingerprints."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ui.check.section import Section
from cgid.ui.check.subject import Subject

STRUCTURE, SAYS, PLACE, COPIES, PRINTS = "Structure", "What it says", "Place", "Pictures within", "Fingerprints"


@st.cache_resource(max_entries=6, ttl=900, show_spinner=False)
def _built(sha256: str, _data: bytes):
    from cgid.fileformat.tree import structure

    return structure(_data)


def _show(subject: Subject, found: dict[str, Any]) -> None:
    _file(subject)


@st.fragment
def _file(subject: Subject) -> None:
    """By itself, so that a chosen part draws nothing else of the page again."""
    from cgid.inspector.thumbnails import previews
    from cgid.ui.check import file_hashes, file_metadata, file_previews, file_structure

    built = _built(subject.sha256, subject.data)
    file_structure.problems(built)
    place, copies = _place(subject), [*previews(built), *_in_xmp(subject)]
    titles = [STRUCTURE, SAYS, *([PLACE] if place else []), *([COPIES] if copies else []), PRINTS]
    chosen = st.segmented_control("Look at", titles, default=STRUCTURE, key="file-part", required=True)
    if chosen == SAYS:
        file_metadata.show(subject, built)
    elif chosen == PLACE and place:
        file_previews.show_location(place)
    elif chosen == COPIES and copies:
        file_previews.show(subject, copies)
    elif chosen == PRINTS:
        file_hashes.show(subject)
    else:
        file_structure.show(subject, built)


def _place(subject: Subject):
    """Where EXIF says the picture was taken; None where it does not, or the picture cannot be read."""
    from cgid.imaging.image_file import UnreadableImage
    from cgid.inspector.geolocation import of_gps
    from cgid.metadata.exif import block

    try:
        return of_gps(block(subject.image, "gps"))
    except UnreadableImage:
        return None


def _in_xmp(subject: Subject) -> list:
    from cgid.imaging.image_file import UnreadableImage
    from cgid.inspector.thumbnails import in_xmp

    try:
        return subject.image.once(in_xmp)
    except UnreadableImage:
        return []


SECTION = Section("file", "The file", ":material/description:", 3, _show)
