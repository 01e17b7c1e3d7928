"""Where a detector is right and wrong, split by split, at an adjustable threshold."""

import streamlit as st

from cgid.artifacts import CONFUSION_MATRICES, EVALUATION_SUMMARY
from cgid.runs import store as models
from cgid.schema import split_label
from cgid.ui import shell
from cgid.ui.model_b.view import variant_summary
from cgid.ui.models.view import card
from cgid.ui.results.calibration import calibration
from cgid.ui.results.robustness import robustness
from cgid.ui.results.unseen_sources import sources
from cgid.ui.results.view import cell_images, matrix_and_roc, more_curves, strata, threshold_view
from cgid.ui.results.worst_errors import worst_errors
from cgid.ui.shared import parts
from cgid.ui.shared.runs import load_predictions, splits

PAGE = {
    "title": "Results",
    "question": "How often is the detector wrong, on which images, and what changes when the threshold moves?",
    "icon": ":material/grid_on:",
    "section": "Evaluate",
    "order": 1,
}

shell.page(__file__)

runs = models.runs()
if not runs:
    parts.nothing("No model has been trained yet, so there are no results.", "train", "Train a model")
    st.stop()

current = {kind: models.current(kind) for kind in models.KINDS}
runs.sort(key=lambda r: r.folder not in {c.folder for c in current.values() if c})


def describe(run: models.Run) -> str:
    mark = ", current" if current[run.kind] and current[run.kind].folder == run.folder else ""
    sim = ", simulated data" if run.manifest.get("simulated") else ""
    return f"{'Model A' if run.kind == 'model_a' else 'Model B'}: {run.id}{mark}{sim}"


top = st.columns([2, 1])
with top[0]:
    run = parts.choose("Model", runs, lambda r: f"{r.kind}/{r.id}", "run", describe)
with top[1]:
    split = parts.choose("Images", splits(run), str, "split", split_label)
parts.simulated_note(bool(run.manifest.get("simulated")))
if split is None:
    parts.nothing("This run has no stored predictions.", "train", "Train it again")
    st.stop()
if split in ("train", "val"):
    st.warning(
        "These metrics are optimistic, because the model or its thresholds were fitted on these images. "
        "Use the test split."
    )

rows = load_predictions(run, split)
threshold = threshold_view(run, rows)
cell = matrix_and_roc(run, split, rows, threshold)
variant_summary(run)

VIEWS = {
    "Images and curves": lambda: (
        cell_images(rows, threshold, cell),
        more_curves(rows, threshold),
        strata(rows, threshold),
    ),
    "Calibration": lambda: calibration(run, split, rows),
    "Worst errors": lambda: worst_errors(run, split),
    "Robustness": lambda: robustness(run),
    "Unseen sources": sources,
}
FORMER_VIEWS = {"Worst mistakes": "Worst errors", "After the web": "Robustness"}  # in links of earlier versions
requested = st.query_params.get("view")
requested = FORMER_VIEWS.get(requested, requested)
tabs = st.tabs(list(VIEWS), key="view", on_change="rerun", default=requested if requested in VIEWS else None)
for tab, show in zip(tabs, VIEWS.values()):
    with tab:
        if tab.open:  # each view computes its own metrics
            show()

card(run)
st.subheader("Download", anchor=False)
with st.container(horizontal=True):
    parts.download("Predictions (Parquet)", run.predictions_path(split), "application/octet-stream", "p")
    parts.download("All metrics (JSON)", run.metrics_path, "application/json", "m")
    parts.download("Summary (Markdown)", run.exports_folder / EVALUATION_SUMMARY, "text/markdown", "s")
    parts.download("Confusion matrices (CSV)", run.exports_folder / CONFUSION_MATRICES, "text/csv", "c")
