"""The parts of the Feature guide: choose a group, see it on two images, read its limitations and features."""

from __future__ import annotations

import json
import math

import streamlit as st

from cgid.features.group import FAMILIES, FeatureGroup, Map
from cgid.features.registry import all_groups, feature_records, group_record, search, to_csv
from cgid.schema import Family
from cgid.ui.guide import pictures
from cgid.ui.shared import parts
from cgid.ui.shared import text as shared_text

LAYOUT = [1, 1, 1]
FIRST = "noise"


def choose_group() -> FeatureGroup | None:
    """Family, search and one of the matching groups; the choice is part of the address as `?group=key`."""
    groups = all_groups()
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        family = st.pills(
            "Family", FAMILIES, format_func=lambda f: Family(f).label.capitalize(), key="guide-family", wrap=True
        )
    with right:
        query = st.text_input("Search", placeholder="compression, noise, camera …", key="guide-search")
    hits = search(groups, query, family or "")
    if not hits:
        st.info("No group or feature matches. Try a shorter word, or all families.", icon=":material/search_off:")
        return None
    requested = st.query_params.get("group")
    start = requested if requested in hits else FIRST if FIRST in hits else next(iter(hits))
    order = sorted(hits, key=lambda k: (FAMILIES.index(groups[k].family), groups[k].title))
    key = st.pills(
        f"Feature group ({len(hits)} of {len(groups)})", order, default=start, required=True,
        format_func=lambda k: groups[k].title, key=f"guide-group-{family}-{query}",
    )  # fmt: skip
    if key != requested:
        st.query_params["group"] = key
    _matches(hits)
    return groups[key]


def _matches(hits: dict[str, list[str]]) -> None:
    columns = {c for columns_of_group in hits.values() for c in columns_of_group}
    if not columns:
        return
    rows = [r for r in feature_records(all_groups().values()) if r["column"] in columns]
    with st.expander(f"{len(rows)} matching features", icon=":material/search:"):
        st.dataframe(
            [{"feature": r["title"], "group": r["group_title"], "meaning": r["meaning"]} for r in rows],
            hide_index=True, alt="Features that match the search",
        )  # fmt: skip


def group_view(group: FeatureGroup) -> None:
    """Description, example images, limitations, features."""
    st.header(group.title, anchor=False)
    with st.container(horizontal=True):
        st.badge(Family(group.family).label, icon=":material/category:", color="blue")
        st.badge(f"{len(group.features)} feature{'s'[: len(group.features) != 1]}", color="gray")
        st.badge(f"version {group.version}", color="gray")
    st.markdown(shared_text.literal(group.meaning))
    pair = _pair(group)
    _limits(group)
    _features(group, pair)


def _pair(group: FeatureGroup) -> tuple[pictures.Picture, ...]:
    """The two images and every map of the group, photo and generated image side by side."""
    known = pictures.pairs()
    if not known:
        parts.nothing(
            "The images come from the demo set, which has not been built on this computer. The text below needs none.",
            "overview", "Build the demo",
        )  # fmt: skip
        return ()
    note, *sides = st.columns(LAYOUT)
    with note:
        at = st.number_input(f"Pair, 1 to {len(known)}", 1, len(known), 1, key="guide-pair") if len(known) > 1 else 1
        st.badge("simulated", icon=":material/science:", color="gray")
        st.caption(
            "Simulated demo images: photographs that ship with open-source packages, processed by simulated cameras, and "
            "images from small simulated generators, stored identically. One pair is an example, not a proof."
        )
    for side, picture in zip(sides, known[at - 1]):
        with side:
            name = pictures.NAMES[picture.label]
            st.markdown(f"**{name}**")
            _image(pictures.image_png(picture), f"{name}, made by {picture.generator}")
    if not group.maps:
        st.caption("This group reads the file rather than the pixels, so it has no map: compare the values below.")
    for one in group.maps:
        _map(group, one, known[at - 1])
    return known[at - 1]


def _map(group: FeatureGroup, one: Map, pair: tuple[pictures.Picture, ...]) -> None:
    note, *sides = st.columns(LAYOUT)
    with note:
        st.markdown(f"**{shared_text.literal(one.title)}**")
        st.markdown(shared_text.literal(one.legend))
        if one.caution:
            st.caption(f":material/warning: {shared_text.literal(one.caution)}")
    for side, picture in zip(sides, pair):
        with side:
            of = "the camera photo" if picture.label == "real" else "the generated image"
            _image(pictures.map_png(picture, group.key, one.name), f"{one.title} of {of}. {one.legend}", f"of {of}")


def _image(png: bytes | None, alt: str, caption: str | None = None) -> None:
    if png is None:
        st.caption("Not available for this image.")
    else:
        st.image(png, caption=caption, width="stretch", alt=alt)


def _limits(group: FeatureGroup) -> None:
    """Known weaknesses, when it is not applicable, and the source."""
    texts = (
        (":material/report: Known weaknesses", group.weakness or "None documented yet."),
        (":material/do_not_disturb_on: Not applicable", group.not_applicable or "If it is not applicable to a file, the cell is empty."),
        (":material/menu_book: Source", group.cite),
    )  # fmt: skip
    for column, (title, text) in zip(st.columns(3), texts):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.markdown(shared_text.literal(text))


def _features(group: FeatureGroup, pair: tuple[pictures.Picture, ...]) -> None:
    """Every feature with its meaning and its value in both images."""
    measured = [pictures.values(p, group.key) for p in pair]
    rows = []
    for f in group_record(group)["features"]:
        row = {"feature": shared_text.literal(f["title"]), "meaning": shared_text.literal(f["meaning"])}
        for name, of in zip(("photo", "generated"), measured):
            row[name] = _value(of.get(f["column"], math.nan))
        rows.append(row | {"unit": shared_text.literal(f["unit"]), "column": shared_text.code(f["column"])})
    st.subheader("Features", anchor=False)
    st.table(rows, hide_index=True, border="horizontal", alt=f"Features of {group.title}, with meaning and unit")
    where = f" `{group.missing_column}` is 1 where the whole group is not applicable."
    st.caption(("Values of the two images above; a dash means not applicable." if pair else "") + where)


def _value(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"


def registry() -> None:
    """All groups as a table and as files."""
    groups = list(all_groups().values())
    count = sum(len(g.features) for g in groups)
    with st.expander(f"All {len(groups)} groups, {count} features", icon=":material/list:"):
        st.dataframe(
            [
                {"group": g.title, "family": Family(g.family).label, "features": len(g.features), "maps": len(g.maps),
                 "what it measures": g.meaning, "key": g.key, "version": g.version}
                for g in groups
            ],
            hide_index=True, alt="All feature groups with family, number of features and what they measure",
        )  # fmt: skip
    with st.container(horizontal=True):
        st.download_button(
            "All features (CSV)", to_csv(groups), "cgid_features.csv", "text/csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "All groups (JSON)", json.dumps([group_record(g) for g in groups], indent=1, ensure_ascii=False),
            "cgid_features.json", "application/json", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
