"""How long a training would take: at once by finished runs like it, and as measured for the very settings of the form."""

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
from cgid.train.duration import Earlier, Span, Work, by_earlier, gigabytes, not_fitting, same_work
from cgid.train.params import EstimateTrainingParams, TrainModelAParams
from cgid.ui.shared import jobs, text
from cgid.ui.shared import load as files

KIND = "estimate-training"


def ask(params: TrainModelAParams) -> None:
    """Start measuring what the form says."""
    jobs.submit(KIND, EstimateTrainingParams(**{f: getattr(params, f) for f in params.__dataclass_fields__}))


def show(params: TrainModelAParams) -> None:
    """The answer for these settings, while it is measured and after; without one, what finished runs say."""
    asked = canonical(params)
    job = latest(asked)
    busy = job is not None and job.live

    def live() -> None:
        now = latest(asked)
        if busy and now is not None and not now.live:
            st.rerun()
        _measured(now, asked)

    st.fragment(live, run_every="1s" if busy else None)()
    if (job is None or job.status != "done") and (found := _earlier(params, asked)):
        st.caption(earlier_words(found))


def latest(asked: Mapping[str, Any]) -> Job | None:
    """The newest estimate of these settings that no later change of a manifest has overtaken."""
    fresh = [job for job in store.list_jobs(kind=KIND, limit=60) if same_work(job.params, asked)]
    return next((job for job in fresh if job.live or job.created >= _changed(asked)), None)


def _changed(asked: Mapping[str, Any]) -> float:
    """When a manifest was last written, seconds since 1970."""
    paths = [asked["train_manifest"], asked["val_manifest"], asked["test_manifest"], *asked["external_manifest"]]
    return max((Path(p).stat().st_mtime for p in paths if Path(p).is_file()), default=0.0)


def _measured(job: Job | None, asked: Mapping[str, Any]) -> None:
    if job is None:
        st.caption(":material/timer: Duration: not measured for these settings.")
    elif job.live:
        st.progress(job.share, text=f"Measuring how long it will take: {jobs.progress_words(job)}")
    elif job.status != "done" or not job.result:
        st.caption(f":material/timer: Duration: not measured for these settings. {text.literal(job.error)}")
    else:
        _answer(job.result, int(asked["batch_size"]), int(asked["image_size"]), job)


def _answer(found: Mapping[str, Any], batch: int, side: int, job: Job) -> None:
    with st.container(border=True):
        left, right = st.columns([2, 3])
        with left:
            st.caption("It would take")
            st.subheader(Span(**found["total"]).words(), anchor=False)
            share = found["parts"][found["largest"]]["expected"] / (found["total"]["expected"] or 1.0)
            st.markdown(
                f"Most of it is **{found['largest']}** ({text.percent(share)}), at "
                f"{found['images_per_second']:.3g} images/s in training and {gigabytes(found['memory'])} of memory."
            )
            st.caption(
                f"Measured {text.ago(job.finished)} on {text.literal(found['device'])}; the range is what the fastest "
                "and the slowest tenth of the steps would make. A busier machine takes longer."
            )
        with right:
            st.altair_chart(
                durations(found["parts"]), width="stretch",
                alt="Bars: " + ", ".join(f"{n} {Span(**p).words()}" for n, p in found["parts"].items()),
            )  # fmt: skip
        if not found["fits"]:
            st.warning(not_fitting(batch, side, found["batch_size"]), icon=":material/memory:")
            _use(int(found["batch_size"]))
        if found["trouble"]:
            st.warning(text.literal(found["trouble"]), icon=":material/warning:")


def _use(batch: int) -> None:
    """A button that puts the batch that fits into the form."""
    field = f"a-{st.session_state['a-preset']}-batch"

    def put() -> None:
        st.session_state[field] = batch

    if st.button(f"Use {batch} images in a step", on_click=put, key="a-use-batch"):
        st.rerun()


def earlier_words(found: Earlier) -> str:
    names = ", ".join(text.code(run) for run in found.runs[:3]) + (" and others" if len(found.runs) > 3 else "")
    runs_words = "a finished run" if len(found.runs) == 1 else f"{len(found.runs)} finished runs"
    return (
        f":material/history: By {runs_words} with the same network, picture size, batch and device ({names}): "
        f"{found.total.words()}, at {found.images_per_second:.3g} images/s."
    )


def _earlier(params: TrainModelAParams, asked: Mapping[str, Any]) -> Earlier | None:
    try:
        counts = [len(files.table(p)) for p in (params.train_manifest, params.val_manifest, params.test_manifest)]
        outside = sum(len(files.table(p)) for p in params.external_manifest)
        finished = runs("model_a")
    except (OSError, ValueError, InputError):
        return None  # the training itself will say what is wrong with its manifests
    work = Work(*counts, outside, params.epochs, params.cross_fit)
    return by_earlier(asked, work, finished, kind_named("train-model-a").slot_of(params) == "gpu")
