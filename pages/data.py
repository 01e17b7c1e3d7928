"""Images in: a folder, an archive or a manifest becomes train, validation and test."""

import streamlit as st

from cgid import artifacts
from cgid.artifacts import DATASET_SUMMARY, DROPPED_ROWS, KEPT_ROWS, SPLIT_MANIFEST
from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.data.view import add, contents, dropped, kept, samples
from cgid.ui.shared import jobs, parts

PAGE = {
    "title": "Data",
    "question": "Which images are there, what was thrown out and why, and does nothing stand on two sides of a split?",
    "icon": ":material/photo_library:",
    "section": "Build",
    "order": 1,
}
KINDS = ("demo-data", "data-scan", "data-import-zip", "data-clean", "data-split", "data-prepare")

shell.page(__file__)

found = artifacts.datasets()
with st.expander("Add images", expanded=not found, icon=":material/add:"):
    add()
jobs.watch(
    lambda: [j for j in reversed(store.list_jobs(limit=60)) if j.kind in KINDS and (j.live or j.error)][-6:], "data"
)

if not found:
    parts.nothing("No data set is here yet. Add images above, or let the demo make some.", "overview", "Build the demo")
    st.stop()

dataset = parts.choose("Data set", found, lambda d: d.name, "dataset", lambda d: d.label)
parts.simulated_note(dataset.simulated)
if dataset.main.name != SPLIT_MANIFEST:
    st.warning("This data set is not split yet; features and training need the split.", icon=":material/hourglass_top:")
else:
    contents(dataset)
    kept(dataset)
dropped(dataset)
samples(dataset)
shell.link("features", "Next: measure forensic features")

st.subheader("Take it with you", anchor=False)
with st.container(horizontal=True):
    parts.download("Manifest (CSV)", dataset.main, "text/csv", "manifest")
    parts.download("Dropped, with reasons (CSV)", dataset.folder / DROPPED_ROWS, "text/csv", "dropped")
    parts.download("Found and kept (CSV)", dataset.folder / KEPT_ROWS, "text/csv", "kept")
    parts.download("Summary (JSON)", dataset.folder / DATASET_SUMMARY, "application/json", "summary")
