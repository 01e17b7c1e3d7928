"""The parts of the Train page: a form for each model, the queue before it, and what follows from the form.

For Model A: one training or an ensemble, its estimated duration, and a smaller batch size after a training ran out of
memory. For Model B: a warning if the audit found leakage in the table, and the leakage gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from cgid import artifacts
from cgid.artifacts import Artifact
from cgid.audit.gate import DEFAULT_GATE, FAMILIES
from cgid.errors import InputError
from cgid.jobs.job import Job
from cgid.jobs.kind import kind_named
from cgid.jobs.queue import Queue, queue_of
from cgid.jobs.submit import submit_chain
from cgid.model_b.params import TrainModelBParams
from cgid.params import restore
from cgid.pipelines.robust_training import MAX_SEEDS, chain
from cgid.schema import Family
from cgid.settings import settings
from cgid.train.memory import OUT_OF_MEMORY
from cgid.train.params import TrainModelAParams
from cgid.train.progress import format_duration as exact_duration
from cgid.ui import shell
from cgid.ui.shared import jobs, parts, text
from cgid.ui.shared.runs import run_name
from cgid.ui.train import estimate, form
from cgid.ui.train.form import PRESETS

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
MACHINES = {"gpu": "the GPU", "cpu": "the CPU"}


def queue_line(params: TrainModelAParams) -> None:
    """The queue of the resource that these parameters need, in one line that stays up to date."""
    slot = kind_named("train-model-a").resource_of(params)
    busy = bool(queue_of(slot).position)
    st.fragment(lambda: st.caption(f":material/groups: {sentence(queue_of(slot))}"), run_every="2s" if busy else None)()


def sentence(queue: Queue) -> str:
    """`1 job is running on the CPU (…) and 2 jobs are waiting for it; yours would be third in the queue.`"""
    machine = MACHINES.get(queue.slot, queue.slot)
    if not queue.position:
        return f"No job is waiting for {machine}: yours would start at once."
    running, waiting = len(queue.running), len(queue.waiting)
    phrases = []
    if running:
        now = ", ".join(_now(job) for job in queue.running)
        phrases.append(f"{running} {'job is' if running == 1 else 'jobs are'} running on {machine} ({now})")
    if waiting:
        phrases.append(
            f"{waiting} {'job is' if waiting == 1 else 'jobs are'} waiting for {'it' if phrases else machine}"
        )
    place = PLACES[queue.position - 1] if queue.position <= len(PLACES) else f"number {queue.position}"
    return f"{' and '.join(phrases)}; yours would be {place} in the queue."


def _now(job: Job) -> str:
    """Its title and the time left: as reported by the job, if it does, since it knows its remaining steps."""
    if job.seconds_left is not None:
        return f"{job.title}, about {exact_duration(job.seconds_left)} left"
    left = job.seconds_left_by_rate
    return job.title + (f", about {text.duration(left)} left" if left is not None else "")


def ensemble_size(preset: str) -> int:
    """Draw the field; returns the number of ensemble members, 1 for a single training."""
    return int(
        st.number_input(
            "Networks in the ensemble", 1, MAX_SEEDS, PRESETS[preset].seeds, key=f"a-{preset}-seeds", width=170,
            help="Trains this many networks, each with another seed, and a run that averages them. Takes that many times as "
            "long; the variation between the networks shows how reliable a single training is.",
        )
    )  # fmt: skip


def start(params: TrainModelAParams, seeds: int) -> None:
    """Submit the training, or the trainings and their ensemble; show the outcome."""
    if seeds == 1:
        jobs.submit("train-model-a", params)
        return
    try:
        submit_chain(chain(params, seeds))
    except InputError as error:
        parts.problem(error)
        return
    st.toast(f"Started in the background: {seeds} trainings, then their ensemble.", icon=":material/check:")


def gate_field(place: Any) -> float:
    """The limit for `--gate`: 0 (off) unless switched on."""
    on = place.checkbox(
        "Refuse leaky data (leakage gate)", key="b-gate",
        help="Before training, small models try to separate real from AI images by file format or metadata alone; if one of "
        f"them exceeds a balanced accuracy of {DEFAULT_GATE:.0%}, training stops with a message.",
    )  # fmt: skip
    return DEFAULT_GATE if on else 0.0


def leakage_warning(table: str) -> None:
    """A warning if the audit of the table found that format or metadata alone separate the classes.

    table: name of a feature table, which its audit shares.
    """
    audit = next((a for a in artifacts.audits() if a.name == table), None)
    if audit is None:
        shell.link("leakage", "This table has not been audited: run an audit first")
        return
    families = {name: (audit.summary.get("families") or {}).get(name) or {} for name in FAMILIES}
    figures = {name: block.get("balanced_accuracy") or {} for name, block in families.items()}
    leaking = {
        n: f for n, f in figures.items() if isinstance(f.get("value"), int | float) and f["value"] > DEFAULT_GATE
    }
    if not leaking:
        return
    description = " and ".join(
        f"{Family(n).label} alone with {text.share(f)} balanced accuracy" for n, f in leaking.items()
    )
    st.warning(
        f"In this table a small model separates real from AI images by {description}; above {DEFAULT_GATE:.0%} a detector may learn "
        "the file format instead of the image content. Rely only on the metrics without file format and metadata, or match "
        "the formats of both classes first.",
        icon=":material/warning:",
    )
    shell.link("leakage", "What leaks the label", audit=table)


def model_a(datasets: Sequence[Artifact]) -> None:
    """Form, start, queue, estimated duration."""
    params = form.parameters(datasets)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = ensemble_size(st.session_state["a-preset"])
        submit = st.button("Train Model A", type="primary", icon=":material/play_arrow:", key="a-start")
        measure = st.button(
            "How long will it take?", icon=":material/timer:", key="a-estimate",
            help="Runs some steps with these settings on this computer, for 10 to 60 seconds, in the background.",
        )  # fmt: skip
    if (submit or measure) and (wrong := form.problem(params)):
        parts.problem(wrong)
    elif submit:
        start(params, seeds)
    elif measure:
        estimate.start(params)
    queue_line(params)
    estimate.show(params)
    if seeds > 1:
        st.caption(f"That is for one training; {seeds} of them take {seeds} times as long.")


def model_b(tables: Sequence[Artifact]) -> None:
    """Form: feature table, estimator, features to exclude."""
    by_name = {t.name: t for t in tables}
    name = st.selectbox("Feature table", list(by_name), format_func=lambda n: by_name[n].label)
    leakage_warning(name)
    with st.form("b", border=False):
        cols = st.columns(3)
        kinds = {
            "linear": "Linear (interpretable)", "logistic": "Logistic regression (interpretable)",
            "forest": "Random forest", "boosting": "Gradient boosting",
        }  # fmt: skip
        kind = cols[0].selectbox("Estimator", list(kinds), format_func=kinds.get)
        named = cols[1].text_input("Name of the run", placeholder="from table and time")
        folds = cols[2].number_input(
            "Cross-validation folds", 0, 20, 0, key="b-cv",
            help="Also evaluates the training and validation images, with models that never saw their source. 0: none; usual: 5.",
        )  # fmt: skip
        left_out = st.text_input(
            "Exclude features that begin with", placeholder="jpeg_ metadata_",
            help="A second model without file format and metadata is always trained too: its metrics come first.",
        )  # fmt: skip
        others = st.multiselect(
            "External feature tables (never trained on)", list(by_name),
            help="Metrics on a model's own data say little about other data: choose at least one.",
        )  # fmt: skip
        gate = gate_field(st)
        if st.form_submit_button("Train Model B", type="primary", icon=":material/play_arrow:"):
            jobs.submit("train-model-b", TrainModelBParams(
                by_name[name].main, settings().runs / "model_b" / run_name(named, name), kind,
                external_features=tuple(by_name[o].main for o in others if o != name),
                exclude_prefixes=tuple(left_out.split()), cv=int(folds), gate=gate,
            ))  # fmt: skip


def smaller_batch_button(job: Job, key: str) -> None:
    """A button under a training that ran out of memory; nothing under any other job."""
    if job.kind != "train-model-a" or job.status != "failed" or job.error_code != OUT_OF_MEMORY:
        return
    batch = (job.suggestion or {}).get("batch_size")
    if not batch:  # not even one image fits
        return
    label = f"Train with a batch size of {batch}"
    if st.button(label, key=f"{key}-smaller-{job.id}", icon=":material/memory:"):
        jobs.submit("train-model-a", smaller(job, batch))
        st.rerun()


def smaller(job: Job, batch: int) -> TrainModelAParams:
    """The same training with another batch size, in another folder: a run folder never mixes two trainings."""
    params = restore(TrainModelAParams, job.params)
    folder = Path(params.output_dir)
    name = folder.name.removesuffix(f"-batch{params.batch_size}")
    return replace(params, batch_size=batch, output_dir=folder.with_name(f"{name}-batch{batch}"), resume=False)
