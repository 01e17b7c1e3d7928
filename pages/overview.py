"""The start page: which models are current, what is running, and what to do next."""

import streamlit as st

from cgid import artifacts
from cgid.jobs import store
from cgid.runs.store import current, current_problem
from cgid.ui import shell
from cgid.ui.overview.view import model_card, next_step, start_demo
from cgid.ui.shared import jobs as shared_jobs
from cgid.ui.shared import parts

PAGE = {
    "title": "Overview",
    "question": "Does the detector really work, why, and what does it say about your image?",
    "icon": ":material/home:",
    "section": "Analyse",
    "order": 1,
    "default": True,
}

shell.page(__file__)

runs = {kind: current(kind) for kind in ("model_a", "model_b")}
jobs = store.list_jobs(limit=40)
empty = not any(runs.values()) and not artifacts.feature_tables() and not artifacts.datasets()

if empty and not any(job.live for job in jobs):
    st.markdown(
        "There is nothing here yet. The demo generates its own images, extracts their features, trains both models and "
        "audits them for leakage: about five minutes on two processor cores, in the background, without a network."
    )
    start_demo()
    parts.nothing("Or start with your own images.", "data", "Add a folder or an archive of images")
    parts.nothing("Or check a single image now: rules and metadata work without any model.", "check")
else:
    with st.container(horizontal=True):
        next_step(runs, jobs)
    left, right = st.columns(2)
    with left:
        model_card("Model A: a network on pixels", runs["model_a"], current_problem("model_a"))
    with right:
        model_card("Model B: a fusion of forensic features", runs["model_b"], current_problem("model_b"))
    parts.simulated_note(any(run and run.manifest.get("simulated") for run in runs.values()))

if jobs:
    st.subheader("Background jobs", anchor=False)
    shared_jobs.watch(lambda: [j for j in reversed(store.list_jobs(limit=40)) if j.live or j.error][-16:]
                    or store.list_jobs(limit=5), "overview")  # fmt: skip
    shell.link("jobs", "All jobs")
