"""Several trainings and their average from the Train page: how many, and the chain of jobs that follows."""

from __future__ import annotations

import streamlit as st

from cgid.errors import InputError
from cgid.jobs.submit import submit_chain
from cgid.studies.robust import MOST, chain
from cgid.train.params import TrainModelAParams
from cgid.ui import jobs_view, parts
from cgid.ui.train_presets import PRESETS


def count(preset: str) -> int:
    """Draw the field; how many trainings are to be averaged, 1 for a single one."""
    return int(
        st.number_input(
            "Networks averaged", 1, MOST, PRESETS[preset].seeds, key=f"a-{preset}-seeds", width=170,
            help="As many trainings, each with a seed of its own, and a run that answers with their mean. Takes as "
            "many times as long; how far they part says how much one training is worth.",
        )
    )  # fmt: skip


def start(params: TrainModelAParams, seeds: int) -> None:
    """Hand in the training, or the trainings and their average; say what happened."""
    if seeds == 1:
        jobs_view.submit("train-model-a", params)
        return
    try:
        submit_chain(chain(params, seeds))
    except InputError as error:
        parts.problem(error)
        return
    st.toast(f"Started in the background: {seeds} trainings, then their average.", icon=":material/check:")
