"""The estimated duration of a training: from similar finished runs, and measured for the exact settings of the form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from cgid.charts.bars import durations
from cgid.errors import InputError
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.jobs.kind import kind_named
from cgid.params import canonical
from cgid.runs.store import runs
from cgid.train.duration import (
    PastEstimate,
    Span,
    Work,
    batch_too_large_message,
    estimate_from_past_runs,
    format_memory,
    same_work,
)
from cgid.train.params import EstimateTrainingParams, TrainModelAParams
from cgid.ui.shared import jobs, text
from cgid.ui.shared import load as files

KIND = "estimate-training"


def start(params: TrainModelAParams) -> None:
    """Start measuring the settings of the form."""
    jobs.submit(KIND, EstimateTrainingParams(**{f: getattr(params, f) for f in params.__dataclass_fields__}))


def show(params: TrainModelAParams) -> None:
    """The estimate for these settings, while it is measured and after; without one, that of finished runs."""
    canonical_params = canonical(params)
    job = latest(canonical_params)
    busy = job is not None and job.live

    def live() -> None:
        now = latest(canonical_params)
        if busy and now is not None and not now.live:
            st.rerun()
        _measured(now, canonical_params)

    st.fragment(live, run_every="1s" if busy else None)()
    if (job is None or job.status != "done") and (earlier := _earlier(params, canonical_params)):
        st.caption(earlier_text(earlier))


def latest(params: Mapping[str, Any]) -> Job | None:
    """The newest estimate of these settings that is not older than the manifests."""
    fresh = [job for job in store.list_jobs(kind=KIND, limit=60) if same_work(job.params, params)]
    return next((job for job in fresh if job.live or job.created >= _last_change(params)), None)


def _last_change(params: Mapping[str, Any]) -> float:
    """When a manifest was last written, seconds since 1970."""
    paths = [params["train_manifest"], params["val_manifest"], params["test_manifest"], *params["external_manifest"]]
    return max((Path(p).stat().st_mtime for p in paths if Path(p).is_file()), default=0.0)


def _measured(job: Job | None, params: Mapping[str, Any]) -> None:
    if job is None:
        st.caption(":material/timer: Duration: not measured for these settings.")
    elif job.live:
        st.progress(job.fraction_done, text=f"Measuring how long it will take: {jobs.progress_text(job)}")
    elif job.status != "done" or not job.result:
        st.caption(f":material/timer: Duration: not measured for these settings. {text.literal(job.error)}")
    else:
        _answer(job.result, int(params["batch_size"]), int(params["image_size"]), job)


def _answer(estimate: Mapping[str, Any], batch: int, side: int, job: Job) -> None:
    with st.container(border=True):
        left, right = st.columns([2, 3])
        with left:
            st.caption("Estimated duration")
            st.subheader(Span(**estimate["total"]).text(), anchor=False)
            share = estimate["parts"][estimate["largest"]]["expected"] / (estimate["total"]["expected"] or 1.0)
            st.markdown(
                f"Most of it is **{estimate['largest']}** ({text.percent(share)}), at "
                f"{estimate['images_per_second']:.3g} images/s in training and {format_memory(estimate['memory'])} of memory."
            )
            st.caption(
                f"Measured {text.ago(job.finished)} on {text.literal(estimate['device'])}; the range "
                "corresponds to the fastest and slowest 10 % of the steps. A busier machine takes longer."
            )
        with right:
            st.altair_chart(
                durations(estimate["parts"]), width="stretch",
                alt="Bars: " + ", ".join(f"{n} {Span(**p).text()}" for n, p in estimate["parts"].items()),
            )  # fmt: skip
        if not estimate["fits"]:
            st.warning(batch_too_large_message(batch, side, estimate["batch_size"]), icon=":material/memory:")
            _use(int(estimate["batch_size"]))
        if estimate["trouble"]:
            st.warning(text.literal(estimate["trouble"]), icon=":material/warning:")


def _use(batch: int) -> None:
    """A button that enters the batch size that fits into memory."""
    field = f"a-{st.session_state['a-preset']}-batch"

    def put() -> None:
        st.session_state[field] = batch

    if st.button(f"Use a batch size of {batch}", on_click=put, key="a-use-batch"):
        st.rerun()


def earlier_text(earlier: PastEstimate) -> str:
    names = ", ".join(text.code(run) for run in earlier.runs[:3]) + (" and others" if len(earlier.runs) > 3 else "")
    runs_text = "a finished run" if len(earlier.runs) == 1 else f"{len(earlier.runs)} finished runs"
    return (
        f":material/history: Based on {runs_text} with the same network, image size, batch size and device ({names}): "
        f"{earlier.total.text()}, at {earlier.images_per_second:.3g} images/s."
    )


def _earlier(params: TrainModelAParams, canonical_params: Mapping[str, Any]) -> PastEstimate | None:
    try:
        manifests = (params.train_manifest, params.val_manifest, params.test_manifest)
        train, val, test = (len(files.table(manifest)) for manifest in manifests)
        outside = sum(len(files.table(p)) for p in params.external_manifest)
        finished = runs("model_a")
    except (OSError, ValueError, InputError):
        return None  # the training itself will say what is wrong with its manifests
    work = Work(train, val, test, outside, params.epochs, params.cross_fit)
    return estimate_from_past_runs(
        canonical_params, work, finished, kind_named("train-model-a").resource_of(params) == "gpu"
    )
