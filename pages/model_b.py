"""Which features Model B relies on, whether it is calibrated, and whether it beats the rules and Model A."""

import streamlit as st

from cgid.runs import store as models
from cgid.ui import shell
from cgid.ui.model_b.compare import three_way
from cgid.ui.model_b.view import KINDS, VARIANTS, clusters, importance, variant_metrics, variants
from cgid.ui.results.calibration import calibration
from cgid.ui.shared import parts
from cgid.ui.shared.runs import load_predictions

PAGE = {
    "title": "Model B",
    "question": "Which features does Model B rely on, is it calibrated, and does it beat the rules and Model A?",
    "icon": ":material/balance:",
    "section": "Evaluate",
    "order": 6,
}

shell.page(__file__)

runs = models.runs("model_b")
for broken in models.broken_runs("model_b"):
    parts.problem(f"{broken.folder.name}: {broken.reason}")
if not runs:
    with st.container(border=True):
        st.markdown("No Model B has been trained yet. It is trained on a feature table, in seconds to minutes.")
        shell.link("train", "Train Model B", which="Model B")
    st.stop()

current = models.current("model_b")
runs.sort(key=lambda r: current is None or r.folder != current.folder)


def describe(run: models.Run) -> str:
    mark = ", current" if current and current.folder == run.folder else ""
    sim = ", simulated data" if run.manifest.get("simulated") else ""
    return f"{run.id}: {KINDS.get(run.manifest.get('estimator'), 'fusion')}{mark}{sim}"


run = parts.choose("Run", runs, lambda r: r.id, "run-model_b", describe)
parts.simulated_note(bool(run.manifest.get("simulated")))
variant_metrics(run)
names = list(variants(run))
if not names:
    parts.nothing("This run has no stored metrics.", "train", "Train it again")
    st.stop()
variant = st.segmented_control(
    "Variant", names, default=names[0], required=True, format_func=VARIANTS.get, key="b-variant"
)
three_way(run, variant)
left, right = st.columns(2)
with left:
    importance(run, variant)
with right:
    clusters(run, variant)
if (run.predictions_path("test")).is_file():
    calibration(run, "test", load_predictions(run, "test"))
    st.caption("Calibration is shown for the primary variant, which is used to check single images.")
shell.link("results", "Its errors, image by image", run=f"model_b/{run.id}")
shell.link("models", "Promote it, or compare it with other runs", kind="Model B (features)")
