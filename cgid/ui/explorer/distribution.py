"""One feature over the classes, generators, sources or splits: histogram, violin or ECDF."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cgid.charts import distributions
from cgid.evaluate.distributions import bounds, quartiles
from cgid.ui.explorer.table import CLASSES, FILTERS, Selection
from cgid.ui.explorer.view import SEPARATION_NOTE, choose_feature, meaning, read_on
from cgid.ui.shared import text

KINDS = ("Histogram", "Violin", "ECDF")
MAX_GROUPS = 12


def show(selection: Selection) -> None:
    top = st.columns([3, 2, 2], vertical_alignment="bottom")
    with top[0]:
        name = choose_feature(selection)
    with top[1]:
        kind = st.segmented_control("Chart", KINDS, default=KINDS[0], required=True, key="draw", bind="query-params")
    there = ["class", *(f for f in FILTERS if len(selection.about.categories[f].names) > 1)]
    with top[2]:
        by = st.selectbox("Compare by", there, key="by", bind="query-params")
    values, label = selection.values(name), selection.label
    low, high = bounds(values)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(meaning(name))
        read_on(name)
    if np.isnan(low):
        st.info("None of these images has a value for this feature.", icon=":material/do_not_disturb_on:")
        return
    groups, left_out = _groups(selection, values, label, by)
    if kind == "Histogram" and by == "class" and set(groups) == set(CLASSES[:2]):
        chart = distributions.by_class(distributions.binned(values[label < 2], label[label < 2]), name, height=340)
    else:
        draw = {
            "Histogram": distributions.histograms,
            "Violin": distributions.violins,
            "ECDF": distributions.ecdf_lines,
        }[kind]
        edge = 0 if kind == "Histogram" else 0.05 * (high - low)
        chart = draw(groups, name, low - edge, high + edge)
    st.altair_chart(chart, width="stretch", alt=_describe(kind, name, groups))
    _notes(groups, values, left_out)


def _groups(selection: Selection, values: np.ndarray, label: np.ndarray, by: str) -> tuple[dict, int]:
    """({name: (class, values)} of the largest groups, how many groups are left out). Each holds one class."""
    category = None if by == "class" else selection.about.categories[by]
    code = np.zeros(len(label), int) if category is None else category.codes[selection.rows].astype(int)
    joint = code * 3 + label
    counts = np.bincount(joint)
    present = np.flatnonzero(counts)
    largest = present[np.argsort(-counts[present], kind="stable")][:MAX_GROUPS]
    values_by_group = {}
    for which in sorted(largest, key=lambda w: (w % 3, w // 3)):
        kind = CLASSES[which % 3]
        title = (
            kind
            if category is None
            else f"{category.names[which // 3] or 'unnamed'} ({('real', 'AI', '?')[which % 3]})"
        )
        values_by_group[title] = (kind, values[joint == which])
    return values_by_group, len(present) - len(largest)


def _describe(kind: str, name: str, groups: dict) -> str:
    middles = "; ".join(f"{title}: median {quartiles(values)[1]:.4g}" for title, (_, values) in groups.items())
    return f"{kind} of {name}. {middles}."


def _notes(groups: dict, values: np.ndarray, left_out: int) -> None:
    rows = []
    for title, (_, group_values) in groups.items():
        lower, median, upper = quartiles(group_values)
        rows.append(
            {"group": title, "images": len(group_values), "median": median, "lower quartile": lower, "upper quartile": upper,
             "missing": text.percent(float(np.isnan(group_values).mean()), 1) if len(group_values) else "n/a"}
        )  # fmt: skip
    st.dataframe(rows, hide_index=True, alt="Number of images, median and quartiles of each group")
    notes = ["The axis omits the most extreme 0.5 % of the values at each end.", SEPARATION_NOTE]
    if left_out:
        notes.append(f"The {MAX_GROUPS} largest groups are shown, {left_out} smaller ones are not.")
    st.caption(" ".join(notes))
