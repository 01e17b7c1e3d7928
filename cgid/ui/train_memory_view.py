"""A training that did not fit in memory, started again with fewer images in a step by one press."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from cgid.jobs.job import Job
from cgid.params import restore
from cgid.train.memory import OUT_OF_MEMORY
from cgid.train.params import TrainModelAParams
from cgid.ui import jobs_view


def offer(job: Job, key: str) -> None:
    """A button under a training that failed for want of memory; nothing under any other job."""
    if job.kind != "train-model-a" or job.status != "failed" or job.error_code != OUT_OF_MEMORY:
        return
    batch = (job.suggestion or {}).get("batch_size")
    if not batch:  # not even one image fits
        return
    label = f"Train with {batch} image{'s' * (batch > 1)} in a step"
    if st.button(label, key=f"{key}-smaller-{job.id}", icon=":material/memory:"):
        jobs_view.submit("train-model-a", smaller(job, batch))
        st.rerun()


def smaller(job: Job, batch: int) -> TrainModelAParams:
    """The same training with another batch size. Its folder is another one: a run folder never mixes two trainings."""
    params = restore(TrainModelAParams, job.params)
    folder = Path(params.output_dir)
    name = folder.name.removesuffix(f"-batch{params.batch_size}")
    return replace(params, batch_size=batch, output_dir=folder.with_name(f"{name}-batch{batch}"), resume=False)
