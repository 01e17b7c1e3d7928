"""Images in: a folder, an archive or a manifest becomes train, validation and test."""

import streamlit as st

from cgid import artifacts
from cgid.artifacts import DATASET_SUMMARY, DROPPED_ROWS, RETAINED_ROWS, SPLIT_MANIFEST
from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.data.view import add, contents, excluded, samples, selected
from cgid.ui.shared import jobs, parts

PAGE = {
    "title": "Data",
    "question": "Which images do you have, which were excluded and why, and do the splits overlap?",
    "icon": ":material/photo_library:",
    "section": "Build",
    "order": 1,
}
KINDS = ("demo-data", "data-scan", "data-import-zip", "data-clean", "data-split", "data-prepare")

shell.page(__file__)

datasets = artifacts.datasets()
with st.expander("Add images", expanded=not datasets, icon=":material/add:"):
    add()
jobs.watch(
    lambda: [j for j in reversed(store.list_jobs(limit=60)) if j.kind in KINDS and (j.live or j.error)][-6:], "data"
)

if not datasets:
    parts.nothing("There is no data set yet. Add images above, or build the demo.", "overview", "Build the demo")
    st.stop()

dataset = parts.choose("Data set", datasets, lambda d: d.name, "dataset", lambda d: d.label)
parts.simulated_note(dataset.simulated)
if dataset.main.name != SPLIT_MANIFEST:
    st.warning(
        "This data set has not been split yet. Feature extraction and training need the split.",
        icon=":material/hourglass_top:",
    )
else:
    contents(dataset)
    selected(dataset)
excluded(dataset)
samples(dataset)
shell.link("features", "Next: extract forensic features")

st.subheader("Download", anchor=False)
with st.container(horizontal=True):
    parts.download("Manifest (CSV)", dataset.main, "text/csv", "manifest")
    parts.download("Excluded images with reasons (CSV)", dataset.folder / DROPPED_ROWS, "text/csv", "dropped")
    parts.download("Images found and selected (CSV)", dataset.folder / RETAINED_ROWS, "text/csv", "kept")
    parts.download("Summary (JSON)", dataset.folder / DATASET_SUMMARY, "application/json", "summary")
