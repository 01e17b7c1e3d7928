"""Forensic features: extract them, and see which images failed."""

import streamlit as st

from cgid import artifacts
from cgid.artifacts import EXTRACTION_PROGRESS, SPLIT_MANIFEST
from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.features.view import extract_form, progress
from cgid.ui.shared import jobs, parts

PAGE = {
    "title": "Features",
    "question": "Which features were extracted from each image, how fast, and which files could not be read?",
    "icon": ":material/biotech:",
    "section": "Build",
    "order": 2,
}

shell.page(__file__)

datasets = [d for d in artifacts.datasets() if d.main.name == SPLIT_MANIFEST]
tables = artifacts.feature_tables()
with st.expander("Extract features from a data set", expanded=bool(datasets) and not tables, icon=":material/add:"):
    if datasets:
        extract_form(datasets)
    else:
        parts.nothing("No data set has been split yet.", "data", "Add images")
jobs.watch(lambda: [j for j in store.list_jobs(kind="extract", limit=10) if j.live or j.error][:4], "features")

if tables:
    table = parts.choose("Feature table", tables, lambda t: t.name, "table", lambda t: t.label)
    parts.simulated_note(table.simulated)
    progress(table)
    st.subheader("Download", anchor=False)
    with st.container(horizontal=True):
        parts.download("Feature table (Parquet)", table.main, "application/octet-stream", "parquet")
        parts.download("Images that failed (CSV)", table.folder / "failures.csv", "text/csv", "failures")
        parts.download("Progress (JSON)", table.folder / EXTRACTION_PROGRESS, "application/json", "progress")
    shell.link("train", "Next: train")
else:
    parts.nothing("No features have been extracted yet.", "overview", "Build the demo")

with st.container(horizontal=True):
    shell.link("guide", "What each feature means")
    shell.link("explorer", "How features are distributed over the images")
