"""All features of all images: distributions, pairs, correlated clusters, missing values and outliers."""

import streamlit as st

from cgid import artifacts
from cgid.ui import shell
from cgid.ui.explorer import correlation, distribution, missing, outliers, scatter
from cgid.ui.explorer.view import downloads, select
from cgid.ui.shared import parts, session

PAGE = {
    "title": "Feature explorer",
    "question": "How do the features of real photos and AI images differ, which are strongly correlated, and which images stand out?",
    "icon": ":material/scatter_plot:",
    "section": "Build",
    "order": 3,
}
VIEWS = {
    "Distribution": distribution.show,
    "Two features": scatter.show,
    "Correlated features": correlation.show,
    "Missing values": missing.show,
    "Unusual images": outliers.show,
}

shell.page(__file__)

tables = artifacts.feature_tables()
if not tables:
    parts.nothing(
        "No features have been extracted yet. The explorer needs a feature table.", "overview", "Build the demo"
    )
    shell.link("features", "Extract features of your own images")
    st.stop()

session.rename_value("view", {"Spread": "Distribution", "Alike features": "Correlated features"})
view = st.segmented_control("View", list(VIEWS), default="Distribution", required=True, key="view", bind="query-params")
table = parts.choose("Feature table", tables, lambda t: t.name, "table", lambda t: t.label)
selection = select(table)
if selection is not None:
    VIEWS[view](selection)
    st.subheader("Download", anchor=False)
    downloads(selection)
parts.simulated_note(table.simulated)
with st.container(horizontal=True):
    shell.link("guide", "What each feature means")
    shell.link("leakage", "Does a single feature leak the label?")
