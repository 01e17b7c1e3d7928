"""Which features say the same thing: heat map in cluster order, and the clusters with one member that stands for each."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cgid.charts import scatter as chart
from cgid.evaluate.feature_clusters import Clusters, clusters, spearman
from cgid.ui.explorer import table as read
from cgid.ui.explorer.table import Filters, Key, Selection
from cgid.ui.explorer.view import meaning

LEAST_ROWS = 20


@st.cache_data(max_entries=8, ttl=3600, show_spinner=False)
def _rho(key: Key, filters: Filters) -> np.ndarray:
    return spearman(read.scan(key, filters).matrix)


def show(selection: Selection) -> None:
    rows = len(selection.scan().rows)
    if rows < LEAST_ROWS or len(selection.features) < 2:
        st.info(f"Correlations need at least {LEAST_ROWS} images and two features.", icon=":material/grid_on:")
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        least = st.slider(
            "Features belong together from |rho| of", 0.3, 0.99, 0.7, 0.01, key="rho", bind="query-params"
        )
    with right:
        kind = st.segmented_control("Draw", ("All features", "One of each cluster"), default="All features", required=True, key="heat", bind="query-params")  # fmt: skip
    whole = _rho(selection.key, selection.filters)
    vary = [(n, i) for n, i in zip(selection.features, selection.places()) if whole[i, i] == whole[i, i]]
    if len(vary) < 2:
        st.info("Fewer than two of these features vary over these images.", icon=":material/grid_on:")
        return
    every, places = [n for n, _ in vary], [i for _, i in vary]
    rho = whole[np.ix_(places, places)]
    found = clusters(rho, least)
    together = int(np.sum(np.bincount(found.number) > 1))
    still = len(selection.features) - len(every)
    st.markdown(
        f"**{len(every)} features behave like {len(found.representative)}**: {together} clusters of two or more, the rest stand "
        f"alone.{f' {still} more do not vary over these images, or hardly ever have a value, and are left out.' if still else ''}"
    )
    stands = set(found.representative.tolist())
    order = [i for i in found.order if kind == "All features" or i in stands]
    names = [every[i] for i in order]
    st.plotly_chart(
        chart.heat(rho[np.ix_(order, order)], names, 600), width="stretch", config={"displayModeBar": False},
        alt=f"Heat map of rank correlations of {len(names)} features; neighbours are alike. The clusters are listed below.",
    )  # fmt: skip
    sampled = (
        f"a sample of {rows:,} of the {len(selection.rows):,} images"
        if rows < len(selection.rows)
        else f"all {rows:,} images"
    )
    st.caption(
        f"Spearman's rho on {sampled}, over the images in which both features have a value. Blue: rise together; "
        "brown: one rises as the other falls; blank: not defined. Two features of a cluster add little to each other."
    )
    _list(every, rho, found)


def _list(features: list[str], rho: np.ndarray, found: Clusters) -> None:
    """Clusters of two or more; a click on a row shows its members."""
    sizes = np.bincount(found.number)
    many = [c for c in range(len(sizes)) if sizes[c] > 1]
    if not many:
        st.caption("No two features are that much alike.")
        return
    st.subheader("Clusters", anchor=False)
    members = [[features[i] for i in np.flatnonzero(found.number == c)] for c in many]
    rows = [
        {"stands for it": features[found.representative[c]], "features": len(names),
         "least |rho| inside": round(float(found.tightness[c]), 2), "members": names}
        for c, names in zip(many, members)
    ]  # fmt: skip
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"clusters-{len(many)}-{found.number.sum()}",
        height=min(420, 38 + 35 * len(rows)), alt="Clusters of correlated features with the member that stands for each",
        column_config={"members": st.column_config.ListColumn(width="large")},
    )  # fmt: skip
    st.caption("Choose a row to read what its members measure. The one that stands for it is most like all the others.")
    for at in event.selection.rows:
        if at < len(many):
            middle = found.representative[many[at]]
            for i in np.flatnonzero(found.number == many[at]):
                st.markdown(f"- `{features[i]}` (rho {rho[middle, i]:+.2f}): {meaning(features[i])}")
