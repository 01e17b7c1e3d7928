"""Two runs on the same images: whether one is significantly better, and where they disagree."""

import streamlit as st

from cgid.errors import InputError
from cgid.runs import store as models
from cgid.runs.compare import name_of
from cgid.schema import split_label
from cgid.ui import shell
from cgid.ui.compare.view import by_class, common_splits, comparison, differences, downloads, gallery, verdict
from cgid.ui.shared import parts

PAGE = {
    "title": "Compare",
    "question": "Is one run significantly better than another on the same images, and where do they disagree?",
    "icon": ":material/compare_arrows:",
    "section": "Evaluate",
    "order": 5,
}

shell.page(__file__)

runs = models.runs()
if len(runs) < 2:
    have = "Only one run is finished" if runs else "No run is finished yet"
    parts.nothing(f"{have}; a comparison needs two.", "train", "Train a model")
    st.stop()

# The usual pair comes first: the current Model A (pixels alone) and the current Model B (fusion).
current = [run.folder for run in (models.current("model_a"), models.current("model_b")) if run]
runs.sort(key=lambda r: current.index(r.folder) if r.folder in current else len(current))
columns = st.columns([2, 2, 2])
with columns[0]:
    first = parts.choose("First run", runs, lambda r: f"{r.kind}/{r.id}", "first", name_of)
with columns[1]:
    others = [r for r in runs if r.folder != first.folder]
    second = parts.choose("Second run", others, lambda r: f"{r.kind}/{r.id}", "second", name_of)
with columns[2]:
    split = parts.choose("Images", common_splits(first, second), str, "images", split_label)
parts.simulated_note(any(r.manifest.get("simulated") for r in (first, second)))
if split is None:
    parts.nothing("The two runs share no split with stored predictions.", "results", "See the results of each run")
    st.stop()
try:
    images, result = comparison(first, second, split)
except InputError as error:
    parts.problem(error)
    shell.link("results", "See the results of each run")
    st.stop()

verdict(result)
differences(result)
by_class(result)
gallery(images, result)
downloads(images, result)
