"""What a training is started with: a form for each model, and for Model A how long it would take."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cgid.catalog import Found
from cgid.model_b.params import TrainModelBParams
from cgid.settings import settings
from cgid.ui import (
    jobs_view,
    parts,
    train_average_view,
    train_estimate_view,
    train_form,
    train_gate_view,
    train_queue_view,
)
from cgid.ui.shared.runs import run_name


def model_a(datasets: Sequence[Found]) -> None:
    """Form, start, what the start would wait for, how long it would take."""
    params = train_form.parameters(datasets)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = train_average_view.count(st.session_state["a-preset"])
        start = st.button("Train Model A", type="primary", icon=":material/play_arrow:", key="a-start")
        measure = st.button(
            "How long will it take?", icon=":material/timer:", key="a-estimate",
            help="Measures some steps with these settings on this machine, for 10 to 60 seconds, in the background.",
        )  # fmt: skip
    if (start or measure) and (wrong := train_form.problem(params)):
        parts.problem(wrong)
    elif start:
        train_average_view.start(params, seeds)
    elif measure:
        train_estimate_view.ask(params)
    train_queue_view.line(params)
    train_estimate_view.show(params)
    if seeds > 1:
        st.caption(f"That is for one training; {seeds} of them take {seeds} times as long.")


def model_b(tables: Sequence[Found]) -> None:
    """Form: feature table, estimator, what to leave out."""
    by_name = {t.name: t for t in tables}
    name = st.selectbox("Feature table", list(by_name), format_func=lambda n: by_name[n].label)
    train_gate_view.warn(name)
    with st.form("b", border=False):
        cols = st.columns(3)
        kinds = {
            "linear": "Linear (can be read)", "logistic": "Logistic regression (can be read)",
            "forest": "Random forest", "boosting": "Gradient boosting",
        }  # fmt: skip
        kind = cols[0].selectbox("Estimator", list(kinds), format_func=kinds.get)
        named = cols[1].text_input("Name of the run", placeholder="from table and time")
        folds = cols[2].number_input(
            "Cross-validation parts", 0, 20, 0, key="b-cv",
            help="Judges the training and validation images too, by models that never saw their source. 0: none; usual: 5.",
        )  # fmt: skip
        left_out = st.text_input(
            "Leave out features that begin with", placeholder="jpeg_ metadata_",
            help="A second model without container and provenance is always trained beside it: its figures come first.",
        )  # fmt: skip
        others = st.multiselect(
            "Other feature tables to be judged on (never learnt from)", list(by_name),
            help="A figure on its own data says little about other data: choose at least one.",
        )  # fmt: skip
        gate = train_gate_view.field(st)
        if st.form_submit_button("Train Model B", type="primary", icon=":material/play_arrow:"):
            jobs_view.submit("train-model-b", TrainModelBParams(
                by_name[name].main, settings().runs / "model_b" / run_name(named, name), kind,
                external_features=tuple(by_name[o].main for o in others if o != name),
                exclude_prefixes=tuple(left_out.split()), cv=int(folds), gate=gate,
            ))  # fmt: skip
