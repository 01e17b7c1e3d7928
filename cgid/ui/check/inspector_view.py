"""One filter in the inspector: the finding, the viewer, the plot, how to read it, and downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from cgid import __version__
from cgid.errors import InputError
from cgid.inspector import export
from cgid.inspector.filter import Filter, FilterResult, all_filters
from cgid.inspector.view import View, upright_box
from cgid.ui.check import inspector_form as form
from cgid.ui.check.inspector_cache import CachedResult, filter_result, map_result, picture_of
from cgid.ui.check.subject import Subject
from cgid.ui.components.viewer import Layer, Pane, lossless, viewer
from cgid.ui.shared import parts, text

NOT_ALIGNED = "The map and the image differ in size, so they are shown side by side and move independently."
OWN_REGION = (
    "This map is computed on the centre of the image by the feature group it belongs to, not on the region chosen here, "
    "so the two are shown side by side and move independently."
)


def show(subject: Subject) -> None:
    """The chosen filter on the chosen region."""
    name = form.choose_filter()
    if name.startswith(form.MAP):
        return _feature_map(subject, name.removeprefix(form.MAP))
    one = all_filters()[name]
    st.markdown(text.literal(one.shows))
    wide, narrow = st.columns([3, 1])
    with narrow:
        params = form.choose_parameters(one)
        try:
            view = form.choose_region(subject)
        except InputError as problem:
            return parts.problem(text.short(str(problem), 300))
        second = form.choose_second(view)
    with wide:
        with st.spinner("Computing", show_time=False):
            sides = [(subject, view), second] if second else [(subject, view)]
            looks = [filter_result(each, one, params) for _, each in sides]
        _findings(sides, looks)
        _pictures(one, sides, looks, params)
        _plots(one, sides, looks)
    # Below both columns: on a phone the sliders then stand between the picture and the explanation.
    _explain(one.read, one.cannot, one.cite)
    _downloads(one, sides, looks, params)


def _findings(sides: Sequence[tuple[Subject, View]], looks: Sequence[CachedResult]) -> None:
    for (subject, _), result in zip(sides, looks):
        before = f"{text.code(text.short(subject.name, 40))}: " if len(sides) > 1 else ""
        if result.failed:
            st.warning(before + text.literal(result.finding), icon=":material/block:")
        else:
            st.markdown(f"{before}**{text.literal(result.finding)}**")


def _pictures(
    one: Filter, sides: Sequence[tuple[Subject, View]], looks: Sequence[CachedResult], params: Mapping[str, Any]
) -> None:
    panes: list[Pane] = []
    linked = True
    for (subject, view), result in zip(sides, looks):
        title = text.short(subject.name, 28) if len(sides) > 1 else ""
        left, top, *_ = upright_box(view)
        alt = f"The image {text.short(subject.name, 60)} before the filter, {view.rgb.shape[1]} by {view.rgb.shape[0]} pixels."
        picture = Layer(picture_of(view), "image", alt)
        if result.png and result.aligned:
            above = Layer(result.png, one.title, f"{one.title}: {result.finding}")
            panes.append(Pane(picture, above, title, (left, top)))
        else:
            panes.append(Pane(picture, None, title, (left, top)))
            if result.png:
                linked = False
                panes.append(Pane(Layer(result.png, one.title, f"{one.title}: {result.finding}"), None, title))
    if one.chart and not any(result.png for result in looks):
        return  # a plot alone
    viewer(panes, "inspector-viewer", " ".join(f"{s.sha256[:16]} {v.left} {v.top} {v.width}" for s, v in sides), linked)
    if not linked:
        st.caption(NOT_ALIGNED)


def _plots(one: Filter, sides: Sequence[tuple[Subject, View]], looks: Sequence[CachedResult]) -> None:
    if not one.chart:
        return
    from cgid.charts.inspector import CHARTS

    for index, ((subject, _), result) in enumerate(zip(sides, looks)):
        if not result.columns:
            continue
        if len(sides) > 1:
            st.caption(text.code(text.short(subject.name, 60)))
        figure = CHARTS[one.chart](result.columns)
        alt, key = f"{one.title}: {result.finding}", f"inspector-chart-{one.name}-{index}"
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
    one: Filter, sides: Sequence[tuple[Subject, View]], looks: Sequence[CachedResult], params: Mapping[str, Any]
) -> None:
    """Of each image to which the filter could be applied. The files are created when they are requested."""
    for index, ((subject, view), result) in enumerate(zip(sides, looks)):
        if result.failed:
            continue
        inspection = export.inspection_record(one, view, params, FilterResult(result.finding))
        whose = f" of {text.short(subject.name, 24)}" if len(sides) > 1 else ""
        with st.container(horizontal=True):
            if result.png:
                st.download_button(
                    text.literal(f"Map{whose} (PNG)"), partial(_png, inspection, result), export.file_name(inspection),
                    "image/png", key=f"inspector-png-{index}", icon=":material/download:", on_click="ignore",
                    help="Its metadata holds the filter, parameters, region and the image's sha256, so that it can be "
                    "reproduced: cgid inspect IMAGE --like MAP.png",
                )  # fmt: skip
            if result.columns:
                st.download_button(
                    text.literal(f"Values{whose} (CSV)"), partial(export.to_csv, inspection, result.columns),
                    export.file_name(inspection, "csv"), "text/csv",
                    key=f"inspector-csv-{index}", icon=":material/table:", on_click="ignore",
                )  # fmt: skip
        st.caption(f"Computed in {1000 * result.seconds:.0f} ms on {view.width} x {view.height} px.")


def _png(inspection: export.Inspection, result: CachedResult) -> bytes:
    assert result.picture is not None, "offered for pictures only"
    return export.to_png(inspection, result.picture)


def _feature_map(subject: Subject, name: str) -> None:
    """An evidence map, unaligned: it is computed on its group's own region of the image."""
    from cgid.features.registry import all_groups
    from cgid.forensics.maps import all_maps

    about = all_maps()[name]
    try:
        centre = subject.image.centre_crop(1024)
    except InputError as problem:
        return parts.problem(text.short(str(problem), 300))
    with st.spinner("Computing"):
        result = map_result(subject, name)
    if result.failed:
        st.warning(text.literal(result.finding), icon=":material/block:")
        return None
    alt = f"The centre of the image {text.short(subject.name, 60)}."
    panes = [
        Pane(Layer(lossless(centre), "image", alt)),
        Pane(Layer(result.png, about.title, f"{about.title} of {text.short(subject.name, 60)}. {about.legend}")),
    ]
    viewer(panes, "inspector-viewer", f"{subject.sha256[:16]} map", linked=False)
    st.caption(OWN_REGION)
    _explain(about.legend, about.caution or "Nothing beyond what the legend says.")
    height, width = subject.image.stored.shape[:2]
    group = all_groups().get(name.partition(".")[0])
    inspection = export.Inspection(
        f"{form.MAP}{name}", group.version if group else 0, {}, (0, 0, width, height), text.short(subject.name),
        subject.sha256, __version__, about.legend,
    )  # fmt: skip
    picture = result.picture
    assert picture is not None, "a map is a picture"
    st.download_button(
        "Map (PNG)", lambda: export.to_png(inspection, picture, about.title), f"{name}.png", "image/png",
        key="inspector-map-png", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
