"""Any two features against each other; a box or a click shows the images behind the points."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cgid.charts import scatter
from cgid.charts.theme import AI, REAL
from cgid.evaluate.distributions import bounds, stratified_sample
from cgid.ui.explorer.table import CLASSES, SAMPLE, Selection
from cgid.ui.explorer.view import SEPARATION_NOTE, choose_feature, meaning, pictures
from cgid.ui.shared import text


def show(selection: Selection) -> None:
    left, right, how = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        x = choose_feature(selection, "Horizontal axis", "x")
    with right:
        y = choose_feature(selection, "Vertical axis", "y", other=True)
    with how:
        kind = st.segmented_control("Show", ("Points", "Density"), default="Points", required=True, key="dots", bind="query-params")  # fmt: skip
    xs, ys = selection.values(x), selection.values(y)
    both = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
    if not len(both):
        st.info("No image has a value for both features.", icon=":material/do_not_disturb_on:")
        return
    across, up = _wide(xs[both]), _wide(ys[both])
    if kind == "Points":
        inside = _points(selection, x, y, xs, ys, both, across, up)
    else:
        inside = _density(selection, x, y, xs, ys, both, across, up)
    st.caption(f"Horizontal: {meaning(x)} Vertical: {meaning(y)} {SEPARATION_NOTE}")
    _linked(selection, x, y, xs, ys, inside)


def _wide(values: np.ndarray) -> tuple[float, float]:
    low, high = bounds(values)
    return low - 0.04 * (high - low), high + 0.04 * (high - low)


def _points(selection: Selection, x, y, xs, ys, both, across, up) -> np.ndarray | None:
    """Draws at most SAMPLE points. Returns places in the selection that were chosen; None where nothing was."""
    import pandas as pd

    label = selection.label
    picked = both[stratified_sample(label[both], SAMPLE)]
    generators = selection.about.categories["generator"]
    data = pd.DataFrame(
        {"x": xs[picked], "y": ys[picked], "class": [CLASSES[c] for c in label[picked]], "row": picked,
         "generator": [generators.names[c] for c in generators.codes[selection.rows[picked]]]}
    )  # fmt: skip
    event = st.altair_chart(
        scatter.points(data, x, y, across, up), on_select="rerun", width="stretch", key=f"scatter-{x}-{y}",
        alt=f"Scatter plot of {y} against {x}; circles are real photos, triangles AI images.",
    )  # fmt: skip
    description = (
        f"All {len(both):,} images"
        if len(picked) == len(both)
        else f"{len(picked):,} of {len(both):,} images (stratified by class)"
    )
    st.caption(
        f"{description} are shown; {_outside(xs, ys, both, across, up)} Draw a box or click a point to see the images."
    )
    clicked = [int(d["row"]) for d in event.selection.get("dot") or [] if "row" in d]
    if clicked:
        return np.array([row for row in clicked if 0 <= row < len(selection.rows)], int)
    return _in_box(event.selection.get("box"), xs, ys, both)


def _density(selection: Selection, x, y, xs, ys, both, across, up) -> np.ndarray | None:
    """One chart per class; a box in either selects images of its class."""
    label = selection.label
    chosen = []
    for at, (side, name, colour) in enumerate(zip(st.columns(2), CLASSES, (REAL, AI))):
        of_class = both[label[both] == at]
        with side:
            st.markdown(f"**{name}** ({len(of_class):,})")
            if not len(of_class):
                st.caption("None with both values.")
                continue
            event = st.altair_chart(
                scatter.density_grid(xs[of_class], ys[of_class], x, y, across, up, colour), on_select="rerun", width="stretch",
                key=f"density-{at}-{x}-{y}", alt=f"Density of {y} against {x} for the class {name}; darker squares hold more images.",
            )  # fmt: skip
            inside = _in_box(event.selection.get("box"), xs, ys, of_class)
            chosen += [] if inside is None else [inside]
    st.caption(f"All images are counted; {_outside(xs, ys, both, across, up)} Darker cells hold more images. Draw a box to see the images.")  # fmt: skip
    return np.concatenate(chosen) if chosen else None


def _outside(xs, ys, both, across, up) -> str:
    out = (xs[both] < across[0]) | (xs[both] > across[1]) | (ys[both] < up[0]) | (ys[both] > up[1])
    count = int(out.sum())
    return f"{count:,} {'lies' if count == 1 else 'lie'} outside the plot." if count else "none lies outside the plot."


def _in_box(box: dict | None, xs, ys, among) -> np.ndarray | None:
    """Places in the selection, also those not drawn, that lie in the box; None without one."""
    if not box or "x" not in box or "y" not in box:
        return None
    (left, right), (bottom, top) = sorted(box["x"]), sorted(box["y"])
    return among[(xs[among] >= left) & (xs[among] <= right) & (ys[among] >= bottom) & (ys[among] <= top)]


def _linked(selection: Selection, x: str, y: str, xs, ys, inside: np.ndarray | None) -> None:
    if inside is None:
        return
    real, ai = (int(np.sum(selection.label[inside] == c)) for c in (0, 1))
    st.markdown(
        f"**{len(inside):,} image{'s'[: len(inside) != 1]} selected**: {real:,} real, {ai:,} AI ({text.percent(ai / max(1, real + ai))} AI)."
    )
    if len(inside):
        shown = inside[stratified_sample(selection.label[inside], 240)]
        texts = [f"{xs[i]:.4g} | {ys[i]:.4g}" for i in shown]
        pictures(selection, selection.rows[shown], texts, "scatter-images")
