"""All features of all images at a glance: spread, pairs, clusters, gaps and odd ones out."""

import streamlit as st

from cgid import catalog
from cgid.ui import (
    explorer_correlation_view,
    explorer_missing_view,
    explorer_outliers_view,
    explorer_scatter_view,
    explorer_spread_view,
    parts,
    shell,
)
from cgid.ui.explorer_view import downloads, select

PAGE = {
    "title": "Feature explorer",
    "question": "How do real photos and AI images differ in what was measured, which features say the same, and which images stand out?",
    "icon": ":material/scatter_plot:",
    "section": "Build",
    "order": 3,
}
VIEWS = {
    "Spread": explorer_spread_view.show,
    "Two features": explorer_scatter_view.show,
    "Alike features": explorer_correlation_view.show,
    "Missing values": explorer_missing_view.show,
    "Unusual images": explorer_outliers_view.show,
}

shell.page(__file__)

tables = catalog.feature_tables()
if not tables:
    parts.nothing("Nothing has been measured yet: the explorer needs a feature table.", "overview", "Build the demo")
    shell.link("features", "Measure images of your own")
    st.stop()

view = st.segmented_control("Look at", list(VIEWS), default="Spread", required=True, key="view", bind="query-params")
table = parts.choose("Feature table", tables, lambda t: t.name, "table", lambda t: t.label)
selection = select(table)
if selection is not None:
    VIEWS[view](selection)
    st.subheader("Take it with you", anchor=False)
    downloads(selection)
parts.simulated_note(table.simulated)
with st.container(horizontal=True):
    shell.link("guide", "What each feature means")
    shell.link("leakage", "Does a feature give the label away?")
