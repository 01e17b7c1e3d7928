"""The learning curves of a training, while it runs and after: loss, AUC on validation, learning rate, images/s."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Trainings of Model A under way, drawn anew every two seconds; below them any other run, by choice."""
    busy = any(job.kind == KIND for job in store.list_jobs(status=("queued", "running")))
    st.fragment(_under_way, run_every="2s" if busy else None)()
    found = trainings()
    if not found:
        return
    st.subheader("Learning curve", anchor=False)
    _draw(found[parts.choose("Run", list(found), str, "curve")])


def trainings() -> dict[str, Path]:
    """{kind/name: folder} of runs that have a history and do not run now: finished ones, then interrupted ones."""
    live = {_folder(job) for job in running()}
    known = {f"{r.kind}/{r.id}": r.folder for r in runs()}
    for path in sorted(settings().runs.glob("*/*/history.json")):
        known.setdefault(f"{path.parent.parent.name}/{path.parent.name}", path.parent)
    return {name: folder for name, folder in known.items() if folder not in live}


def running() -> list[Job]:
    """Trainings of Model A under way, the newest first."""
    return store.list_jobs(kind=KIND, status="running")


def _folder(job: Job) -> Path:
    return Path(job.params["output_dir"])


def _under_way() -> None:
    for job in running():
        with st.container(border=True):
            st.subheader(f"Learning now: {text.literal(_folder(job).name)}", anchor=False)
            st.progress(job.share, text=jobs.progress_words(job))
            _draw(_folder(job), "The first figures come within seconds of the first steps.")


def told(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(epochs, points within epochs) of a run; what it writes while it trains counts until it is finished."""
    ended, live = (files.document(folder / name) for name in (RUN_MANIFEST, RUN_HISTORY))
    return ended.get("history") or live.get("epochs") or [], live.get("steps") or []


def _chosen_on(folder: Path) -> str:
    """Words on the source that chooses the epoch; "" where validation images do."""
    ended, live = (files.document(folder / name) for name in (RUN_MANIFEST, RUN_HISTORY))
    held = ended.get("early_stop_source") or live.get("early_stop_source") or {}
    return str(held.get("words") or "")


def _draw(folder: Path, without: str = "This run has no epochs.") -> None:
    epochs, steps = told(folder)
    if not epochs and not steps:
        st.caption(without)
        return
    st.altair_chart(
        chart.losses(epochs, steps), width="stretch", alt=f"Loss. {_last(epochs, 'train_loss', 'val_loss')}"
    )
    if said := _chosen_on(folder):
        st.caption(f"{text.literal(said[:1].upper() + said[1:])}: what the curves call validation.")
    points = steps or epochs
    below = (
        (epochs, "val_auc", "AUC on validation"),
        (points, "lr", "learning rate"),
        (points, "images_per_second", "images/s in training"),
    )
    drawn = [(c, title, rows, column) for rows, column, title in below if (c := chart.over_epochs(rows, column, title))]
    for place, (each, title, rows, column) in zip(st.columns(max(1, len(drawn))), drawn):
        place.altair_chart(each, width="stretch", alt=f"{title}. {_last(rows, column)}")


def _last(rows: list[Mapping[str, Any]], *columns: str) -> str:
    """The latest figures in words, for those who cannot see the chart."""
    said = [f"{c.replace('_', ' ')} {rows[-1][c]:.4g}" for c in columns if rows and rows[-1].get(c) is not None]
    return f"After {rows[-1]['epoch']:.3g} epochs: {', '.join(said)}." if said else "No figures yet."
