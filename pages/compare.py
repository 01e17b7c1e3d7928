"""Two runs on the same images: which is better, by more than chance, and where they part."""

import streamlit as st

from cgid.errors import InputError
from cgid.runs import store as models
from cgid.runs.compare import name_of
from cgid.schema import split_label
from cgid.ui import shell
from cgid.ui.compare.view import by_class, common_splits, downloads, figures, gallery, judged, verdict
from cgid.ui.shared import parts

PAGE = {
    "title": "Compare",
    "question": "Is one run better than another on the same images, by more than chance, and on which do they part?",
    "icon": ":material/compare_arrows:",
    "section": "Judge",
    "order": 5,
}

shell.page(__file__)

runs = models.runs()
if len(runs) < 2:
    have = "Only one run is finished" if runs else "No run is finished yet"
    parts.nothing(f"{have}; a comparison needs two.", "train", "Train a model")
    st.stop()

# The pair most often asked about stands first: the current networks' pixels alone, and the fusion.
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
    parts.nothing("The two kept no predictions of the same split.", "results", "See what each run has judged")
    st.stop()
try:
    images, found = judged(first, second, split)
except InputError as error:
    parts.problem(error)
    shell.link("results", "See what each run has judged")
    st.stop()

verdict(found)
figures(found)
by_class(found)
gallery(images, found)
downloads(images, found)
