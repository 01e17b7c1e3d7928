"""Train Model A on pixels and Model B on features, in the background."""

import streamlit as st

from cgid import artifacts
from cgid.artifacts import SPLIT_MANIFEST
from cgid.jobs import store
from cgid.ui import shell
from cgid.ui.shared import jobs, parts
from cgid.ui.train.curves import curves
from cgid.ui.train.view import model_a, model_b, smaller_batch_button

PAGE = {
    "title": "Train",
    "question": "Train the two detectors: Model A on pixels, Model B on forensic features. Is training still improving?",
    "icon": ":material/model_training:",
    "section": "Build",
    "order": 3,
}
KINDS = ("train-model-a", "train-model-b", "train-robust", "average-runs")

shell.page(__file__)

datasets = [d for d in artifacts.datasets() if d.main.name == SPLIT_MANIFEST]
tables = artifacts.feature_tables()
which = st.segmented_control(
    "Model", ["Model A", "Model B"], default="Model A", required=True, key="which", bind="query-params"
)
with st.container(border=True):
    if which == "Model A":
        if datasets:
            model_a(datasets)
        else:
            parts.nothing("Training Model A needs a data set with splits. There is none yet.", "data", "Add images")
    elif tables:
        model_b(tables)
    else:
        parts.nothing("Training Model B needs a feature table. There is none yet.", "features", "Extract features")

jobs.watch(
    lambda: [j for j in store.list_jobs(limit=60) if j.kind in KINDS][:4],
    "train",
    empty="No training has been run yet.",
    more=smaller_batch_button,
)
curves()
shell.link("models", "Compare and promote runs")
