"""The gallery of all filters: small maps, computed one after another, each a link to its filter."""

from __future__ import annotations

import io
import tempfile

import streamlit as st

from cgid.errors import InputError
from cgid.inspector.export import write_archive
from cgid.inspector.filter import CATEGORIES, Filter, all_filters
from cgid.inspector.view import View
from cgid.ui.check import inspector_form as form
from cgid.ui.check.inspector_cache import LruCache, filter_result
from cgid.ui.check.subject import Subject
from cgid.ui.shared import parts, text
from cgid.ui.shared.load import data_url

SMALL = 150  # px
IN_MEMORY = 64_000_000  # bytes of an archive before it goes to disk


def show(subject: Subject) -> None:
    """The gallery for the centre of the image."""
    try:
        with st.popover("Another region", icon=":material/crop_free:"):
            view = form.choose_region(subject, small=True)
    except InputError as problem:
        return parts.problem(text.short(str(problem), 300))
    part = "The whole image" if view.whole else f"A region of {view.width} x {view.height} px"
    st.caption(
        f"{part}, at full resolution, with every filter at its default parameters. Open a filter to change them."
    )
    places = []
    for category in CATEGORIES:
        filters = [one for one in all_filters().values() if one.category == category]
        if not filters:
            continue
        st.subheader(category, anchor=False)
        with st.container(horizontal=True):
            for one in filters:
                with st.container(width=SMALL, gap="xsmall"):
                    places.append((one, st.empty()))
                    st.button(
                        one.title, key=f"inspector-open-{one.name}", on_click=form.open_filter, args=(one.name,),
                        width="stretch", help=text.literal(one.shows),
                    )  # fmt: skip
    st.download_button(
        "All filters (ZIP)", lambda: _archive(view), f"inspection-{subject.sha256[:12]}.zip", "application/zip",
        key="inspector-zip", icon=":material/folder_zip:", on_click="ignore",
        help="Every map as PNG with its parameters, every plot as CSV, and all findings.",
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

    result = filter_result(view, one, {})
    picture = result.picture
    return ("" if picture is None else data_url(Image.fromarray(picture), 2 * SMALL)), result.finding


@st.cache_resource(show_spinner=False)
def _smalls() -> LruCache[tuple[str, str]]:
    return LruCache(32_000_000, lambda held: len(held[0]) + len(held[1]))


def _archive(view: View) -> bytes:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        write_archive(view, file)
        file.seek(0, io.SEEK_SET)
        return file.read()
