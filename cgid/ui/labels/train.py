"""From the label map to Model B: export the labelled records and train on them, in the background."""

from __future__ import annotations

import streamlit as st

from cgid.artifacts import FEATURE_TABLE_CSV
from cgid.errors import InputError
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.jobs.submit import Step, submit_chain
from cgid.model_b.params import TrainModelBParams
from cgid.records import label_review as review
from cgid.records.label_review import AI, REAL, Review
from cgid.records.params import ExportModelBFeaturesParams
from cgid.settings import settings
from cgid.ui.shared import jobs, parts
from cgid.ui.shared.runs import run_name

NAME = "records"
MIN_IMAGES = 4  # of each class, required by Model B
FEW_IMAGES = 50  # of each class: with fewer the intervals are very wide


def table():
    """Path of the exported records: a feature table like others, so that every page finds it."""
    return settings().features / NAME / FEATURE_TABLE_CSV


def to_model_b(shown: Review) -> None:
    """Two buttons and their requirements."""
    st.subheader("Train Model B on these labels", anchor=False)
    counts = review.counts(shown.rows)
    fewest = min(counts[REAL], counts[AI])
    if not fewest and max(counts[REAL], counts[AI]):
        st.info("Only one class has labels; Model B needs both.", icon=":material/balance:")
    elif fewest < MIN_IMAGES:
        st.info(f"Model B needs at least {MIN_IMAGES} labelled images of each class.", icon=":material/balance:")
    elif fewest < FEW_IMAGES:
        st.info(
            f"With only {fewest} images of the smaller class all metrics will be uncertain; their intervals show how much.",
            icon=":material/info:",
        )
    with st.container(horizontal=True):
        export = st.button(
            "Export features", icon=":material/table_view:", key="labels-export", disabled=not counts[REAL] + counts[AI]
        )
        train = st.button(
            "Export and train Model B", type="primary", icon=":material/play_arrow:", key="labels-train",
            disabled=fewest < MIN_IMAGES, help="Trains a linear Model B; the Train page offers other estimators for this table.",
        )  # fmt: skip
    if export or train:
        _start(shown, train)
    jobs.watch(_jobs, "labels")


def _start(shown: Review, train: bool) -> None:
    steps = [Step("export-model-b-features", ExportModelBFeaturesParams(table(), shown.path))]
    if train:
        run = settings().runs / "model_b" / run_name("", NAME)
        steps.append(Step("train-model-b", TrainModelBParams(table(), run), (0,)))
    try:
        review.save(shown)
        submit_chain(steps)
    except (InputError, OSError) as error:
        parts.problem(error)
    else:
        st.rerun()


def _jobs() -> list[Job]:
    """The newest export and training of these records, the newest last."""
    own_jobs = [
        job for job in store.list_jobs(limit=60)
        if str(table()) in (job.params.get("output"), job.params.get("features_csv"))
        and job.kind in ("export-model-b-features", "train-model-b")
    ]  # fmt: skip
    return list(reversed(own_jobs[:2]))
