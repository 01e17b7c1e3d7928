"""Every filter at a glance: small pictures, drawn one after another, each a way into its filter."""

from __future__ import annotations

import io
import tempfile

import streamlit as st

from cgid.errors import InputError
from cgid.inspector.export import write
from cgid.inspector.filter import SHELVES, Filter, all_filters
from cgid.inspector.view import View
from cgid.ui.check import inspector_form as form
from cgid.ui.check.inspector_cache import Store, look
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text
from cgid.ui.shared.load import data_url

SMALL = 150  # px
IN_MEMORY = 64_000_000  # bytes of an archive before it goes to disk


def show(subject: Subject) -> None:
    """The contact sheet of the picture's middle."""
    try:
        with st.popover("Another part of the picture", icon=":material/crop_free:"):
            view = form.choose_part(subject, small=True)
    except InputError as problem:
        return parts.problem(text.short(str(problem), 300))
    part = "The whole picture" if view.whole else f"A part of {view.width} x {view.height} px"
    st.caption(f"{part}, pixel for pixel, under every filter at its start values. Open one to move its sliders.")
    places = []
    for shelf in SHELVES:
        filters = [one for one in all_filters().values() if one.shelf == shelf]
        if not filters:
            continue
        st.subheader(shelf, anchor=False)
        with st.container(horizontal=True):
            for one in filters:
                with st.container(width=SMALL, gap="xsmall"):
                    places.append((one, st.empty()))
                    st.button(
                        one.title, key=f"bench-open-{one.name}", on_click=form.open_filter, args=(one.name,),
                        width="stretch", help=text.literal(one.shows),
                    )  # fmt: skip
    st.download_button(
        "All of them (ZIP)", lambda: _archive(view), f"inspection-{subject.sha256[:12]}.zip", "application/zip",
        key="bench-zip", icon=":material/folder_zip:", on_click="ignore",
        help="Every map as PNG with its values, every plot as CSV, and all findings.",
    )  # fmt: skip
    for one, place in places:
        _draw(place, view, one)


def _draw(place, view: View, one: Filter) -> None:
    url, finding = _smalls().get(
        (view.image.sha256, view.left, view.top, view.width, one.name, one.version), lambda: _small(view, one)
    )
    with place.container():
        if url:
            st.image(url, width="stretch", alt=f"{one.title}: {finding}")
        else:
            st.caption(text.literal(text.short(finding, 160)))


def _small(view: View, one: Filter) -> tuple[str, str]:
    from PIL import Image

    drawn = look(view, one, {})
    picture = drawn.picture
    return ("" if picture is None else data_url(Image.fromarray(picture), 2 * SMALL)), drawn.finding


@st.cache_resource(show_spinner=False)
def _smalls() -> Store[tuple[str, str]]:
    return Store(32_000_000, lambda held: len(held[0]) + len(held[1]))


def _archive(view: View) -> bytes:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        write(view, file)
        file.seek(0, io.SEEK_SET)
        return file.read()
