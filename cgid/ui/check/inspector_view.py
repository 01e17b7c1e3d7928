"""One filter on the bench: the finding in words, the viewer, the plot, how to read it, and the way out as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from cgid import __version__
from cgid.errors import InputError
from cgid.inspector import export
from cgid.inspector.filter import Drawn, Filter, all_filters
from cgid.inspector.view import View, upright_box
from cgid.ui.check import inspector_form as form
from cgid.ui.check.inspector_cache import Look, look, look_at_map, picture_of
from cgid.ui.check.subject import Subject
from cgid.ui.components.viewer import Layer, Pane, lossless, viewer
from cgid.ui.shared import parts, text

NOT_ALIGNED = "It has a size of its own, so it lies beside the picture and each is moved by itself."
OWN_PART = (
    "This map is drawn from the middle of the picture by the measurement it belongs to, not from the part chosen here, "
    "so it lies beside the picture and each is moved by itself."
)


def show(subject: Subject) -> None:
    """The chosen filter on the chosen part."""
    name = form.choose_filter()
    if name.startswith(form.MAP):
        return _feature_map(subject, name.removeprefix(form.MAP))
    one = all_filters()[name]
    st.markdown(text.literal(one.shows))
    wide, narrow = st.columns([3, 1])
    with narrow:
        params = form.choose_parameters(one)
        try:
            view = form.choose_part(subject)
        except InputError as problem:
            return parts.problem(text.short(str(problem), 300))
        second = form.choose_second(view)
    with wide:
        with st.spinner("Drawing", show_time=False):
            sides = [(subject, view), second] if second else [(subject, view)]
            looks = [look(each, one, params) for _, each in sides]
        _findings(sides, looks)
        _pictures(one, sides, looks, params)
        _plots(one, sides, looks)
    # Below both columns: on a phone the sliders then stand between the picture and the explanation.
    _explain(one.read, one.cannot, one.cite)
    _downloads(one, sides, looks, params)


def _findings(sides: Sequence[tuple[Subject, View]], looks: Sequence[Look]) -> None:
    for (subject, _), drawn in zip(sides, looks):
        before = f"{text.code(text.short(subject.name, 40))}: " if len(sides) > 1 else ""
        if drawn.failed:
            st.warning(before + text.literal(drawn.finding), icon=":material/block:")
        else:
            st.markdown(f"{before}**{text.literal(drawn.finding)}**")


def _pictures(
    one: Filter, sides: Sequence[tuple[Subject, View]], looks: Sequence[Look], params: Mapping[str, Any]
) -> None:
    panes: list[Pane] = []
    linked = True
    for (subject, view), drawn in zip(sides, looks):
        title = text.short(subject.name, 28) if len(sides) > 1 else ""
        left, top, *_ = upright_box(view)
        alt = f"The picture {text.short(subject.name, 60)} before the filter, {view.rgb.shape[1]} by {view.rgb.shape[0]} pixels."
        picture = Layer(picture_of(view), "picture", alt)
        if drawn.png and drawn.aligned:
            above = Layer(drawn.png, one.title, f"{one.title}: {drawn.finding}")
            panes.append(Pane(picture, above, title, (left, top)))
        else:
            panes.append(Pane(picture, None, title, (left, top)))
            if drawn.png:
                linked = False
                panes.append(Pane(Layer(drawn.png, one.title, f"{one.title}: {drawn.finding}"), None, title))
    if one.chart and not any(drawn.png for drawn in looks):
        return  # a plot alone
    viewer(panes, "bench-viewer", " ".join(f"{s.sha256[:16]} {v.left} {v.top} {v.width}" for s, v in sides), linked)
    if not linked:
        st.caption(NOT_ALIGNED)


def _plots(one: Filter, sides: Sequence[tuple[Subject, View]], looks: Sequence[Look]) -> None:
    if not one.chart:
        return
    from cgid.charts.inspector import FIGURES

    for index, ((subject, _), drawn) in enumerate(zip(sides, looks)):
        if not drawn.columns:
            continue
        if len(sides) > 1:
            st.caption(text.code(text.short(subject.name, 60)))
        figure = FIGURES[one.chart](drawn.columns)
        alt, key = f"{one.title}: {drawn.finding}", f"bench-chart-{one.name}-{index}"
        if hasattr(figure, "to_plotly_json"):
            st.plotly_chart(figure, width="stretch", key=key, alt=alt)
        else:
            st.altair_chart(figure, width="stretch", key=key, alt=alt)


def _explain(read: str, cannot: str, cite: str = "") -> None:
    one, two = st.columns(2)
    one.markdown(f":material/visibility: **How to read it.** {text.literal(read)}")
    two.markdown(f":material/visibility_off: **What it cannot show.** {text.literal(cannot)}")
    if cite:
        st.caption(text.literal(cite))


def _downloads(
    one: Filter, sides: Sequence[tuple[Subject, View]], looks: Sequence[Look], params: Mapping[str, Any]
) -> None:
    """Of each picture that could be drawn. The files are made when they are asked for."""
    for index, ((subject, view), drawn) in enumerate(zip(sides, looks)):
        if drawn.failed:
            continue
        made = export.inspection(one, view, params, Drawn(drawn.finding))
        whose = f" of {text.short(subject.name, 24)}" if len(sides) > 1 else ""
        with st.container(horizontal=True):
            if drawn.png:
                st.download_button(
                    text.literal(f"This map{whose} (PNG)"), partial(_png, made, drawn), export.file_name(made),
                    "image/png", key=f"bench-png-{index}", icon=":material/download:", on_click="ignore",
                    help="With filter, values, place and the picture's sha256 in its text, so that it can be made "
                    "again: cgid inspect IMAGE --like MAP.png",
                )  # fmt: skip
            if drawn.columns:
                st.download_button(
                    text.literal(f"The numbers{whose} (CSV)"), partial(export.csv, made, drawn.columns),
                    export.file_name(made, "csv"), "text/csv",
                    key=f"bench-csv-{index}", icon=":material/table:", on_click="ignore",
                )  # fmt: skip
        st.caption(f"Drawn in {1000 * drawn.seconds:.0f} ms from {view.width} x {view.height} px.")


def _png(made: export.Inspection, drawn: Look) -> bytes:
    return export.png(made, drawn.picture)


def _feature_map(subject: Subject, name: str) -> None:
    """A map of the evidence, unaligned: it is drawn on its group's own part of the picture."""
    from cgid.features.registry import all_groups
    from cgid.forensics.maps import all_maps

    about = all_maps()[name]
    try:
        middle = subject.image.middle(1024)
    except InputError as problem:
        return parts.problem(text.short(str(problem), 300))
    with st.spinner("Drawing"):
        drawn = look_at_map(subject, name)
    if drawn.failed:
        st.warning(text.literal(drawn.finding), icon=":material/block:")
        return None
    alt = f"The middle of the picture {text.short(subject.name, 60)}."
    panes = [
        Pane(Layer(lossless(middle), "picture", alt)),
        Pane(Layer(drawn.png, about.title, f"{about.title} of {text.short(subject.name, 60)}. {about.legend}")),
    ]
    viewer(panes, "bench-viewer", f"{subject.sha256[:16]} map", linked=False)
    st.caption(OWN_PART)
    _explain(about.legend, about.caution or "Nothing beyond what the legend says.")
    height, width = subject.image.stored.shape[:2]
    group = all_groups().get(name.partition(".")[0])
    made = export.Inspection(
        f"{form.MAP}{name}", group.version if group else 0, {}, (0, 0, width, height), text.short(subject.name),
        subject.sha256, __version__, about.legend,
    )  # fmt: skip
    st.download_button(
        "This map (PNG)", lambda: export.png(made, drawn.picture, about.title), f"{name}.png", "image/png",
        key="bench-map-png", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
