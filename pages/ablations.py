"""What is left of a detector when families of features are taken away?"""

import streamlit as st

from cgid import artifacts
from cgid.ablation.results import with_model
from cgid.artifacts import ABLATION_FOLDS, ABLATION_SCORES, ABLATION_SUMMARY
from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.ablations import plan_form, what_if
from cgid.ui.ablations.view import figures, sentences
from cgid.ui.shared import jobs, parts
from cgid.ui.shared import load as files

PAGE = {
    "title": "Ablations",
    "question": "What is left of the detector when file format, metadata or any other family of features is removed?",
    "icon": ":material/content_cut:",
    "section": "Judge",
    "order": 3,
}

shell.page(__file__)

tables = {t.name: t for t in artifacts.feature_tables()}
found = artifacts.ablations()
with st.expander("Run ablations", expanded=bool(tables) and not found, icon=":material/add:"):
    if tables:
        plan_form.show(tables)
    else:
        parts.nothing("There is no feature table yet.", "features", "Measure forensic features")
jobs.watch(lambda: store.list_jobs(kind="ablate", status=("queued", "running"), limit=4), "ablations")

if not found:
    parts.nothing("No ablation has run yet. The demo runs two.", "overview", "Build the demo")
    st.stop()

study = parts.choose("Ablation", found, lambda a: a.name, "study", lambda a: a.label)
parts.simulated_note(study.simulated)
results = with_model(files.table(study.main))
sentences(study.summary)
model = figures(results, study.summary)
what_if.show(study, found, model)

st.subheader("Take it with you", anchor=False)
with st.container(horizontal=True):
    parts.download("Results (CSV)", study.main, "text/csv", "results")
    parts.download("Every fold (CSV)", study.folder / ABLATION_FOLDS, "text/csv", "folds")
    parts.download("Every score (Parquet)", study.folder / ABLATION_SCORES, "application/octet-stream", "scores")
    parts.download("Summary (JSON)", study.folder / ABLATION_SUMMARY, "application/json", "summary")
