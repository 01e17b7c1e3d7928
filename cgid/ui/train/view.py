"""What a training is started with: a form for each model, and for Model A how long it would take.

What runs and waits before a training that is about to be started, in one line that keeps up to date.

Several trainings and their average from the Train page: how many, and the chain of jobs that follows.

The Train page, Model B: what the audit says of the chosen table's format and metadata, and the gate before training.

A training that did not fit in memory, started again with fewer images in a step by one press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from cgid import artifacts
from cgid.artifacts import Found
from cgid.audit.gate import FAMILIES, USUAL
from cgid.errors import InputError
from cgid.jobs.job import Job
from cgid.jobs.kind import kind_named
from cgid.jobs.queue import Queue, queue_of
from cgid.jobs.submit import submit_chain
from cgid.model_b.params import TrainModelBParams
from cgid.params import restore
from cgid.pipelines.robust_training import MOST, chain
from cgid.schema import Family
from cgid.settings import settings
from cgid.train.memory import OUT_OF_MEMORY
from cgid.train.params import TrainModelAParams
from cgid.train.progress import words as exact_duration
from cgid.ui import shell
from cgid.ui.shared import jobs, parts, text
from cgid.ui.shared.runs import run_name
from cgid.ui.train import estimate, form
from cgid.ui.train.form import PRESETS

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
MACHINES = {"gpu": "the graphics card", "cpu": "the processor"}


def line(params: TrainModelAParams) -> None:
    """Of the slot that these parameters need."""
    slot = kind_named("train-model-a").slot_of(params)
    busy = bool(queue_of(slot).place)
    st.fragment(lambda: st.caption(f":material/groups: {sentence(queue_of(slot))}"), run_every="2s" if busy else None)()


def sentence(queue: Queue) -> str:
    """`1 job runs on the processor (…) and 2 jobs wait for it; yours would be third.`"""
    machine = MACHINES.get(queue.slot, queue.slot)
    if not queue.place:
        return f"Nothing waits for {machine}: yours would start at once."
    running, waiting = len(queue.running), len(queue.waiting)
    said = []
    if running:
        now = ", ".join(_now(job) for job in queue.running)
        said.append(f"{running} {'job runs' if running == 1 else 'jobs run'} on {machine} ({now})")
    if waiting:
        said.append(f"{waiting} {'job waits' if waiting == 1 else 'jobs wait'} for {'it' if said else machine}")
    place = PLACES[queue.place - 1] if queue.place <= len(PLACES) else f"number {queue.place}"
    return f"{' and '.join(said)}; yours would be {place} in line."


def _now(job: Job) -> str:
    """Its title and the time left: as the job says where it does, since it knows of the parts to come."""
    if job.seconds_left is not None:
        return f"{job.title}, about {exact_duration(job.seconds_left)} left"
    left = job.seconds_left_by_rate
    return job.title + (f", about {text.duration(left)} left" if left is not None else "")


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
        jobs.submit("train-model-a", params)
        return
    try:
        submit_chain(chain(params, seeds))
    except InputError as error:
        parts.problem(error)
        return
    st.toast(f"Started in the background: {seeds} trainings, then their average.", icon=":material/check:")


def field(place: Any) -> float:
    """The limit for `--gate`: 0 (off) unless switched on."""
    on = place.checkbox(
        "Refuse leaky data (gate)", key="b-gate",
        help="Before training, small models try to tell real from AI by file format or metadata alone; if one of them "
        f"gets more than {USUAL:.0%} right on average over both classes, training stops and says so.",
    )  # fmt: skip
    return USUAL if on else 0.0


def warn(table: str) -> None:
    """A warning where the audit of the table found that format or metadata alone tell the classes apart.

    table: name of a feature table, which its audit shares.
    """
    audit = next((a for a in artifacts.audits() if a.name == table), None)
    if audit is None:
        shell.link("leakage", "This table has not been audited: look for leaks first")
        return
    found = {name: (audit.summary.get("families") or {}).get(name) or {} for name in FAMILIES}
    figures = {name: block.get("balanced_accuracy") or {} for name, block in found.items()}
    loud = {n: f for n, f in figures.items() if isinstance(f.get("value"), int | float) and f["value"] > USUAL}
    if not loud:
        return
    said = " and ".join(f"{Family(n).label} alone with {text.share(f)} balanced accuracy" for n, f in loud.items())
    st.warning(
        f"In this table a small model tells real from AI by {said}; above {USUAL:.0%} a detector may learn the file, not "
        "the picture. Trust the figures without file format and metadata only, or make both classes alike first.",
        icon=":material/warning:",
    )
    shell.link("leakage", "What gives it away", audit=table)


def model_a(datasets: Sequence[Found]) -> None:
    """Form, start, what the start would wait for, how long it would take."""
    params = form.parameters(datasets)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = count(st.session_state["a-preset"])
        submit = st.button("Train Model A", type="primary", icon=":material/play_arrow:", key="a-start")
        measure = st.button(
            "How long will it take?", icon=":material/timer:", key="a-estimate",
            help="Measures some steps with these settings on this machine, for 10 to 60 seconds, in the background.",
        )  # fmt: skip
    if (submit or measure) and (wrong := form.problem(params)):
        parts.problem(wrong)
    elif submit:
        start(params, seeds)
    elif measure:
        estimate.ask(params)
    line(params)
    estimate.show(params)
    if seeds > 1:
        st.caption(f"That is for one training; {seeds} of them take {seeds} times as long.")


def model_b(tables: Sequence[Found]) -> None:
    """Form: feature table, estimator, what to leave out."""
    by_name = {t.name: t for t in tables}
    name = st.selectbox("Feature table", list(by_name), format_func=lambda n: by_name[n].label)
    warn(name)
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
        gate = field(st)
        if st.form_submit_button("Train Model B", type="primary", icon=":material/play_arrow:"):
            jobs.submit("train-model-b", TrainModelBParams(
                by_name[name].main, settings().runs / "model_b" / run_name(named, name), kind,
                external_features=tuple(by_name[o].main for o in others if o != name),
                exclude_prefixes=tuple(left_out.split()), cv=int(folds), gate=gate,
            ))  # fmt: skip


def offer(job: Job, key: str) -> None:
    """A button under a training that failed for want of memory; nothing under any other job."""
    if job.kind != "train-model-a" or job.status != "failed" or job.error_code != OUT_OF_MEMORY:
        return
    batch = (job.suggestion or {}).get("batch_size")
    if not batch:  # not even one image fits
        return
    label = f"Train with {batch} image{'s' * (batch > 1)} in a step"
    if st.button(label, key=f"{key}-smaller-{job.id}", icon=":material/memory:"):
        jobs.submit("train-model-a", smaller(job, batch))
        st.rerun()


def smaller(job: Job, batch: int) -> TrainModelAParams:
    """The same training with another batch size. Its folder is another one: a run folder never mixes two trainings."""
    params = restore(TrainModelAParams, job.params)
    folder = Path(params.output_dir)
    name = folder.name.removesuffix(f"-batch{params.batch_size}")
    return replace(params, batch_size=batch, output_dir=folder.with_name(f"{name}-batch{batch}"), resume=False)
