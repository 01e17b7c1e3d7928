"""The learning curves of a training, live and finished: loss, validation AUC, learning rate, images/s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from cgid.artifacts import RUN_HISTORY, RUN_MANIFEST
from cgid.charts import curves as chart
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.runs.store import runs
from cgid.settings import settings
from cgid.ui.shared import jobs, parts, text
from cgid.ui.shared import load as files

KIND = "train-model-a"


def curves() -> None:
    """Running trainings of Model A, updated every two seconds; below them any other run, by choice."""
    busy = any(job.kind == KIND for job in store.list_jobs(status=("queued", "running")))
    st.fragment(_running_trainings, run_every="2s" if busy else None)()
    folders = trainings()
    if not folders:
        return
    st.subheader("Learning curve", anchor=False)
    if chosen := parts.choose("Run", list(folders), str, "curve"):
        _draw(folders[chosen])


def trainings() -> dict[str, Path]:
    """{kind/name: folder} of runs with a history that are not running: finished ones, then interrupted ones."""
    live = {_folder(job) for job in running()}
    known = {f"{r.kind}/{r.id}": r.folder for r in runs()}
    for path in sorted(settings().runs.glob("*/*/history.json")):
        known.setdefault(f"{path.parent.parent.name}/{path.parent.name}", path.parent)
    return {name: folder for name, folder in known.items() if folder not in live}


def running() -> list[Job]:
    """Running trainings of Model A, the newest first."""
    return store.list_jobs(kind=KIND, status="running")


def _folder(job: Job) -> Path:
    return Path(job.params["output_dir"])


def _running_trainings() -> None:
    for job in running():
        with st.container(border=True):
            st.subheader(f"Training: {text.literal(_folder(job).name)}", anchor=False)
            st.progress(job.fraction_done, text=jobs.progress_text(job))
            _draw(_folder(job), "The first values appear within seconds of the first steps.")


def history(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(epochs, points within epochs) of a run; from its live history until it is finished."""
    ended, live = (files.document(folder / name) for name in (RUN_MANIFEST, RUN_HISTORY))
    return ended.get("history") or live.get("epochs") or [], live.get("steps") or []


def _early_stop_source(folder: Path) -> str:
    """Description of the source used for early stopping; "" if validation images are used."""
    ended, live = (files.document(folder / name) for name in (RUN_MANIFEST, RUN_HISTORY))
    held = ended.get("early_stop_source") or live.get("early_stop_source") or {}
    return str(held.get("words") or "")


def _draw(folder: Path, without: str = "This run has no recorded epochs.") -> None:
    epochs, steps = history(folder)
    if not epochs and not steps:
        st.caption(without)
        return
    st.altair_chart(
        chart.losses(epochs, steps), width="stretch", alt=f"Loss. {_latest_values(epochs, 'train_loss', 'val_loss')}"
    )
    if source := _early_stop_source(folder):
        st.caption(f"{text.literal(source[:1].upper() + source[1:])}: shown as validation in the curves.")
    points = steps or epochs
    below = (
        (epochs, "val_auc", "validation AUC"),
        (points, "lr", "learning rate"),
        (points, "images_per_second", "images/s in training"),
    )
    charts = [
        (c, title, rows, column) for rows, column, title in below if (c := chart.over_epochs(rows, column, title))
    ]
    for place, (each, title, rows, column) in zip(st.columns(max(1, len(charts))), charts):
        place.altair_chart(each, width="stretch", alt=f"{title}. {_latest_values(rows, column)}")


def _latest_values(rows: Sequence[Mapping[str, Any]], *columns: str) -> str:
    """The latest values as text, for those who cannot see the chart."""
    values = [f"{c.replace('_', ' ')} {rows[-1][c]:.4g}" for c in columns if rows and rows[-1].get(c) is not None]
    return f"After {rows[-1]['epoch']:.3g} epochs: {', '.join(values)}." if values else "No values yet."
