"""All features of all images at a glance: spread, pairs, clusters, gaps and odd ones out."""

import streamlit as st

from cgid import artifacts
from cgid.ui import shell
from cgid.ui.explorer import correlation, distribution, missing, outliers, scatter
from cgid.ui.explorer.view import downloads, select
from cgid.ui.shared import parts

PAGE = {
    "title": "Feature explorer",
    "question": "How do real photos and AI images differ in what was measured, which features say the same, and which images stand out?",
    "icon": ":material/scatter_plot:",
    "section": "Build",
    "order": 3,
}
VIEWS = {
    "Spread": distribution.show,
    "Two features": scatter.show,
    "Alike features": correlation.show,
    "Missing values": missing.show,
    "Unusual images": outliers.show,
}

shell.page(__file__)

tables = artifacts.feature_tables()
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
