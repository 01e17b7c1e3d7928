"""Correlated features: heat map in cluster order, and the clusters with a representative of each."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cgid.charts import scatter as chart
from cgid.evaluate.feature_clusters import Clusters, clusters, spearman
from cgid.ui.explorer import table as read
from cgid.ui.explorer.table import Filters, Key, Selection
from cgid.ui.explorer.view import meaning

MIN_ROWS = 20


@st.cache_data(max_entries=8, ttl=3600, show_spinner=False)
def _rho(key: Key, filters: Filters) -> np.ndarray:
    return spearman(read.scan(key, filters).matrix)


def show(selection: Selection) -> None:
    rows = len(selection.scan().rows)
    if rows < MIN_ROWS or len(selection.features) < 2:
        st.info(f"Correlations need at least {MIN_ROWS} images and two features.", icon=":material/grid_on:")
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        min_rho = st.slider("Cluster features from |rho|", 0.3, 0.99, 0.7, 0.01, key="rho", bind="query-params")
    with right:
        kind = st.segmented_control("Show", ("All features", "One of each cluster"), default="All features", required=True, key="heat", bind="query-params")  # fmt: skip
    whole = _rho(selection.key, selection.filters)
    vary = [(n, i) for n, i in zip(selection.features, selection.places()) if whole[i, i] == whole[i, i]]
    if len(vary) < 2:
        st.info("Fewer than two of these features vary over these images.", icon=":material/grid_on:")
        return
    every, places = [n for n, _ in vary], [i for _, i in vary]
    rho = whole[np.ix_(places, places)]
    result = clusters(rho, min_rho)
    together = int(np.sum(np.bincount(result.number) > 1))
    still = len(selection.features) - len(every)
    st.markdown(
        f"**{len(every)} features form {len(result.representative)} clusters**: {together} of two or more features, the rest of "
        f"one.{f' {still} more are constant over these images, or almost always missing, and are left out.' if still else ''}"
    )
    stands = set(result.representative.tolist())
    order = [i for i in result.order if kind == "All features" or i in stands]
    names = [every[i] for i in order]
    st.plotly_chart(
        chart.correlation_heatmap(rho[np.ix_(order, order)], names, 600), width="stretch", config={"displayModeBar": False},
        alt=f"Heat map of rank correlations of {len(names)} features; neighbours are correlated. The clusters are listed below.",
    )  # fmt: skip
    sampled = (
        f"a sample of {rows:,} of the {len(selection.rows):,} images"
        if rows < len(selection.rows)
        else f"all {rows:,} images"
    )
    st.caption(
        f"Spearman's rho on {sampled}, over the images in which both features have a value. Blue: positive; brown: "
        "negative; blank: undefined. The features of a cluster are largely redundant."
    )
    _list(every, rho, result)


def _list(features: list[str], rho: np.ndarray, result: Clusters) -> None:
    """Clusters of two or more; a click on a row describes its features."""
    sizes = np.bincount(result.number)
    many = [c for c in range(len(sizes)) if sizes[c] > 1]
    if not many:
        st.caption("No two features are correlated that strongly.")
        return
    st.subheader("Clusters", anchor=False)
    members = [[features[i] for i in np.flatnonzero(result.number == c)] for c in many]
    rows = [
        {"representative": features[result.representative[c]], "features": len(names),
         "min |rho| within": round(float(result.tightness[c]), 2), "members": names}
        for c, names in zip(many, members)
    ]  # fmt: skip
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"clusters-{len(many)}-{result.number.sum()}",
        height=min(420, 38 + 35 * len(rows)), alt="Clusters of correlated features with the representative of each",
        column_config={"members": st.column_config.ListColumn(width="large")},
    )  # fmt: skip
    st.caption(
        "Select a row to see what its features measure. The representative is the one most correlated with the others."
    )
    for at in event.selection.rows:
        if at < len(many):
            middle = result.representative[many[at]]
            for i in np.flatnonzero(result.number == many[at]):
                st.markdown(f"- `{features[i]}` (rho {rho[middle, i]:+.2f}): {meaning(features[i])}")
