"""The controls of the inspector: the filter, its parameters, the region of the image, a second image."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.errors import InputError
from cgid.inspector.filter import Choice, Filter, Parameter, Slider, Span, all_filters
from cgid.inspector.view import MAX_PIXELS, SIDE, View, upright_box
from cgid.ui.check.inspector_cache import view_of
from cgid.ui.check.subject import Subject
from cgid.ui.components.viewer import picker, place
from cgid.ui.shared import parts, text
from cgid.ui.shared.load import data_url

SIDES = (512, 1024, SIDE)
WHOLE = "whole"
OVERVIEW = 240  # px
MAX_PILLS = 6  # options; more are a list
MAP = "map:"  # before the name of a feature group's own map
FILTER, VIEW, ADDRESS = "inspector-filter", "inspector-way", "inspector-address"
GALLERY, SINGLE = "Gallery of all filters", "Single filter"


def choices() -> dict[str, str]:
    """{name: `Category: title`} of every filter, then of every feature group's map."""
    from cgid.forensics.maps import all_maps

    titles = {name: f"{one.category}: {one.title}" for name, one in all_filters().items()}
    return titles | {f"{MAP}{key}": f"Evidence map: {one.title}" for key, one in all_maps().items()}


def choose_view() -> str:
    """The gallery or a single filter; an address with `?filter=` opens that filter."""
    requested = st.query_params.get("filter", "")
    st.session_state.setdefault(VIEW, GALLERY)
    if requested != st.session_state.get(ADDRESS, "") and (name := named(requested)):
        open_filter(name)
    view = st.segmented_control(
        "View", [GALLERY, SINGLE], key=VIEW, required=True, label_visibility="collapsed", persist_state="session"
    )
    if view == GALLERY:
        _address("")
    return view


def named(word: str) -> str | None:
    """The filter of this name, or with this word in brackets in its title: `ela` is the error level analysis."""
    if word in choices():
        return word
    return next((n for n, one in all_filters().items() if word and f"({word.lower()})" in one.title.lower()), None)


def open_filter(name: str) -> None:
    """As a button's callback: show this filter."""
    st.session_state[VIEW], st.session_state[FILTER] = SINGLE, name


def choose_filter() -> str:
    """The filter's name; typing in the box searches. It stands in the address."""
    known = choices()
    if st.session_state.get(FILTER) not in known:
        st.session_state[FILTER] = next(iter(known))
    name = st.selectbox(
        f"Filter (type to search {len(known)} filters)", list(known), format_func=known.get, key=FILTER,
        persist_state="session",
    )  # fmt: skip
    _address(name)
    return name


def _address(name: str) -> None:
    """Write it into the address, and remember that it was written here and not requested."""
    st.session_state[ADDRESS] = name
    if name and st.query_params.get("filter") != name:
        st.query_params["filter"] = name
    elif not name and "filter" in st.query_params:
        del st.query_params["filter"]


def choose_parameters(one: Filter) -> dict[str, Any]:
    """{parameter: value} from sliders that take effect at once."""
    if not one.parameters:
        st.caption("This filter has no parameters.")
        return {}
    values = {p.name: _widget(p, f"inspector-{one.name}-{p.name}") for p in one.parameters}
    starts = {f"inspector-{one.name}-{p.name}": p.start for p in one.parameters}
    if one.values(values) != one.values():
        st.button("Reset to defaults", icon=":material/restart_alt:", on_click=st.session_state.update, args=(starts,))
    return values


def _widget(p: Parameter, key: str) -> Any:
    st.session_state.setdefault(key, p.start)
    if isinstance(p, Choice):
        if len(p.options) > MAX_PILLS:
            return st.selectbox(p.title, p.options, key=key, persist_state="session")
        return st.pills(p.title, p.options, key=key, required=True, wrap=True, persist_state="session")
    shown = f"%g {p.unit.replace('%', '%%')}".rstrip()
    if isinstance(p, Slider) and isinstance(p.start, int) and isinstance(p.step, int):
        return st.slider(p.title, int(p.low), int(p.high), step=p.step, format=shown, key=key, persist_state="session")
    if isinstance(p, Span):
        st.session_state[key] = tuple(float(v) for v in st.session_state[key])
    else:
        st.session_state[key] = float(st.session_state[key])
    return st.slider(
        p.title, float(p.low), float(p.high), step=float(p.step), format=shown, key=key, persist_state="session"
    )


def choose_region(subject: Subject, small: bool = False) -> View:
    """The region of the image that is shown; small: for the gallery, where every filter is applied.

    Raises InputError if the image cannot be read.
    """
    image, mark = subject.image, subject.sha256[:12]
    sides, key = (SIDES[:2], "sheet") if small else (SIDES, "one")
    longest = max(image.width, image.height)
    options: dict[str, int | None] = {f"{side} px": side for side in sides if side < longest}
    if image.width * image.height <= (sides[-1] ** 2 if small else MAX_PIXELS):
        options[WHOLE] = None
    start = next(iter(options)) if small else WHOLE if longest <= sides[-1] else f"{sides[-1]} px"
    picked = start
    if len(options) > 1:
        picked = st.pills(
            "Region of the image", list(options), default=start, key=f"inspector-{key}-{mark}", required=True, wrap=True,
            persist_state="session",
            help="Regions are shown at full resolution, without scaling. Smaller regions are faster.",
        )  # fmt: skip
    if picked == WHOLE:
        return view_of(subject, 0.5, 0.5, None)
    centre = []
    for name, direction in (("across", "from the left"), ("down", "from the top")):
        st.session_state.setdefault(f"inspector-{name}-{mark}", 50)
        centre.append(
            st.slider(
                f"Centre of the region, {direction}", 0, 100, step=1, format="%d %%", key=f"inspector-{name}-{mark}",
                persist_state="session",
            )
        )  # fmt: skip
    view = view_of(subject, centre[0] / 100, centre[1] / 100, options[picked])
    _overview(subject, view, mark)
    return view


def _overview(subject: Subject, view: View, mark: str) -> None:
    """A small copy of the whole image with a frame around the region, to be moved by mouse or finger."""
    left, top, width, height = upright_box(view)
    full_height, full_width = subject.image.rgb.shape[:2]
    key = f"inspector-picker-{mark}"

    def moved() -> None:
        if (chosen := place(key)) is not None:
            for name, share in zip(("across", "down"), chosen):
                st.session_state[f"inspector-{name}-{mark}"] = round(100 * share)

    picker(
        _small(subject, subject.sha256, subject.name),
        f"The whole image, {full_width} by {full_height} pixels, with a frame around the region shown: "
        f"{width} by {height} pixels at x {left}, y {top}.",
        (left / full_width, top / full_height, width / full_width, height / full_height),
        key,
        moved,
    )


@st.cache_data(max_entries=64, ttl=3600, show_spinner=False)
def _small(_subject: Subject, sha256: str, name: str) -> str:
    from PIL import Image

    pixels = _subject.image.rgb
    step = max(1, max(pixels.shape[:2]) // (4 * OVERVIEW))
    return data_url(Image.fromarray(pixels[::step, ::step]), OVERVIEW)


def choose_second(view: View) -> tuple[Subject, View] | None:
    """A second image to compare with the first, at the same region; None if there is none or it cannot be read."""
    upload = st.file_uploader(
        "Second image for comparison", key="inspector-second", max_upload_size=200,
        help="For example the original, another version of the same image, or another photo from the same camera. "
        "The same filter with the same parameters is applied to both, and both move together.",
    )  # fmt: skip
    if upload is None:
        return None
    second = Subject(upload.getvalue(), upload.name)
    left, top, width, height = upright_box(view)
    full_height, full_width = view.image.rgb.shape[:2]
    try:
        side = None if view.whole else max(view.width, view.height)
        if side is None and second.image.width * second.image.height > MAX_PIXELS:
            side = SIDE
        return second, view_of(second, (left + width / 2) / full_width, (top + height / 2) / full_height, side)
    except InputError as problem:
        parts.problem(text.short(str(problem), 300))
        return None
