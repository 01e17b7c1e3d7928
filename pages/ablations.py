"""How well does a detector do when families of features are removed?"""

import streamlit as st

from cgid import artifacts
from cgid.ablation.results import with_model
from cgid.artifacts import ABLATION_FOLDS, ABLATION_SCORES, ABLATION_SUMMARY
from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.ablations import plan_form, what_if
from cgid.ui.ablations.view import findings, metrics_section
from cgid.ui.shared import jobs, parts
from cgid.ui.shared import load as files

PAGE = {
    "title": "Ablations",
    "question": "How well does the detector do without file format, metadata or any other family of features?",
    "icon": ":material/content_cut:",
    "section": "Evaluate",
    "order": 3,
}

shell.page(__file__)

tables = {t.name: t for t in artifacts.feature_tables()}
all_ablations = artifacts.ablations()
with st.expander("Run ablations", expanded=bool(tables) and not all_ablations, icon=":material/add:"):
    if tables:
        plan_form.show(tables)
    else:
        parts.nothing("There is no feature table yet.", "features", "Extract forensic features")
jobs.watch(lambda: store.list_jobs(kind="ablate", status=("queued", "running"), limit=4), "ablations")

if not all_ablations:
    parts.nothing("No ablation has been run yet. The demo runs two.", "overview", "Build the demo")
    st.stop()

study = parts.choose("Ablation", all_ablations, lambda a: a.name, "study", lambda a: a.label)
parts.simulated_note(study.simulated)
results = with_model(files.table(study.main))
findings(study.summary)
model = metrics_section(results, study.summary)
what_if.show(study, all_ablations, model)

st.subheader("Download", anchor=False)
with st.container(horizontal=True):
    parts.download("Results (CSV)", study.main, "text/csv", "results")
    parts.download("Results by fold (CSV)", study.folder / ABLATION_FOLDS, "text/csv", "folds")
    parts.download("All scores (Parquet)", study.folder / ABLATION_SCORES, "application/octet-stream", "scores")
    parts.download("Summary (JSON)", study.folder / ABLATION_SUMMARY, "application/json", "summary")
