"""Runs side by side; one of each kind is current."""

import streamlit as st

from cgid import artifacts
from cgid.runs import store as models
from cgid.ui import shell
from cgid.ui.model_b.view import variant_summary
from cgid.ui.models.import_form import import_form
from cgid.ui.models.onnx_variants import variants
from cgid.ui.models.view import card, details, promote, table
from cgid.ui.shared import parts

PAGE = {
    "title": "Models",
    "question": "Which runs are there, which is better on the same images, and which one is in use?",
    "icon": ":material/inventory_2:",
    "section": "Evaluate",
    "order": 4,
}

shell.page(__file__)

kind = st.segmented_control(
    "Model", models.KINDS, default="model_a", required=True, key="kind", bind="query-params",
    format_func={"model_a": "Model A (pixels)", "model_b": "Model B (features)"}.get,
)  # fmt: skip
for broken in models.broken_runs(kind):
    st.warning(f"{broken.folder.name}: {broken.reason}", icon=":material/warning:")
if problem := models.current_problem(kind):
    st.warning(problem, icon=":material/warning:")

if kind == "model_a":
    import_form(artifacts.datasets())
runs = models.runs(kind)
if not runs:
    parts.nothing("No run of this kind is finished yet.", "train", "Train one")
    st.stop()

table(runs, models.current(kind))
run = parts.choose("Run", runs, lambda r: r.id, f"run-{kind}")
promote(run, models.current(kind))
details(run)
variant_summary(run)
if kind == "model_a":
    variants(run)
card(run)
shell.link("compare", "Compare it with another run on the same images", first=f"{run.kind}/{run.id}")
