"""How much does the file format leak? Probes and models before and after format matching, or the form that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cgid import artifacts
from cgid.artifacts import CLEANED_MANIFEST, Artifact
from cgid.charts import robustness as chart
from cgid.errors import InputError
from cgid.format_matching.params import FormatStudyParams
from cgid.format_matching.study import MODELS, TITLES, side_by_side
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.jobs.submit import submit_chain
from cgid.pipelines.format_study import chain
from cgid.schema import Family, label_of
from cgid.settings import settings
from cgid.ui.shared import jobs, parts, text

OUTDATED = "This experiment is damaged or from an earlier version. Run it again."


def section(chosen: str) -> None:
    """Chart, sentences, table and downloads of an experiment. chosen: the data set of the page, shown first."""
    st.subheader("How much does the file format leak?", anchor=False)
    st.caption(
        "The same images, unmatched and with matched formats: what drops came from the file format, what remains is in the "
        "pixels."
    )
    experiments = sorted(artifacts.format_experiments(), key=lambda f: f.name != chosen)
    study = parts.choose("Experiment", experiments, lambda f: f.name, "treatment", lambda f: f.label)
    if study is not None:
        try:
            _study(study)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):  # a file that someone else wrote
            st.caption(OUTDATED)
    else:
        parts.nothing(
            "No experiment has been run yet. It creates copies of the images (AI images saved as JPEG; both classes saved as "
            "JPEG; both cropped and saved identically), audits each copy and trains models on it. Your images are only read."
        )
    _form(chosen, not experiments)
    jobs.watch(_jobs, "treatments")


def _study(study: Artifact) -> None:
    content = study.summary
    for sentence in content["sentences"]:
        st.markdown(f"- {text.literal(sentence)}")
    titles = {one["treatment"]: TITLES[one["treatment"]] for one in content["treatments"]}
    left, right = st.columns(2)
    with left:
        st.altair_chart(
            chart.format_comparison(_probes(content["treatments"]), titles), width="stretch",
            alt="Dot plot: balanced accuracy of a small model on one family of features alone, unmatched and after each "
            "format matching, with 95 % intervals and a dashed line at chance.",
        )  # fmt: skip
        st.caption("A small model that sees one family of features only, cross-validated over all images.")
    with right:
        st.altair_chart(
            chart.format_comparison(_models(content["treatments"]), titles), width="stretch",
            alt="Dot plot: balanced accuracy of the models on the test images, trained on the same copies or on the "
            "unmatched images, with 95 % intervals and a dashed line at chance.",
        )  # fmt: skip
        st.caption("On test images that no model was trained on. Intervals are clustered by group of images.")
    rows = side_by_side(content)
    names = list(dict.fromkeys(name for row in rows for name in row if name != "images"))
    table = [{"": name} | {row["images"]: row.get(name, "") for row in rows} for name in names]
    st.dataframe(table, hide_index=True, alt="All metrics before and after each format matching, with intervals")
    for one in content["treatments"][1:]:
        st.caption(text.literal(f"{TITLES[one['treatment']]}: {' '.join(one['said'])}"))
    with st.container(horizontal=True):
        parts.download("All metrics (CSV)", study.main, "text/csv", "treatment-csv")
        parts.download("Report (Markdown)", study.main.with_suffix(".md"), "text/markdown", "treatment-md")
        parts.download("Full results (JSON)", study.main.with_suffix(".json"), "application/json", "treatment-json")


def _probes(treatments: Sequence[dict[str, Any]]):
    families = {family: None for one in treatments for family in one["probes"]}
    known = [family.value for family in Family if family in families]
    order = known + [family for family in families if family not in known]
    return _frame(
        (f"{label_of(Family, f)} alone".capitalize(), one["treatment"], one["probes"][f]["balanced_accuracy"])
        for f in order
        for one in treatments
        if f in one["probes"]
    )


def _models(treatments: Sequence[dict[str, Any]]):
    ways = {"trained": "{}", "crossed": "{}, trained on unmatched"}
    return _frame(
        (way.format(MODELS[m]), one["treatment"], (one["models"][m].get(key) or one["models"][m]["trained"])["balanced_accuracy"])
        for m in treatments[0]["models"]
        for key, way in ways.items()
        for one in treatments
    )  # fmt: skip


def _frame(rows):
    import pandas as pd

    lines = [
        {"what": what, "treatment": TITLES[name]} | {k: figure[k] for k in ("value", "low", "high")}
        for what, name, figure in rows
    ]
    return pd.DataFrame(lines).astype(dict.fromkeys(("value", "low", "high"), float))


def _form(chosen: str, open_at_once: bool) -> None:
    """Which data set, and whether Model A is trained too."""
    with st.expander("Match the formats of a data set and compare", expanded=open_at_once, icon=":material/add:"):
        datasets = {d.name: d for d in artifacts.datasets() if d.main.name != CLEANED_MANIFEST}
        if not datasets:
            parts.nothing("There is no data set with train, validation and test images yet.", "data", "Add images")
            return
        names = sorted(datasets, key=lambda name: name != chosen)
        with st.form("treatment", border=False):
            name = st.selectbox("Data set", names, format_func=lambda n: datasets[n].label, key="treatment-data")
            network = st.checkbox(
                "Also train Model A on each copy", key="treatment-model-a",
                help="Four more small trainings; minutes to an hour without a GPU.",
            )  # fmt: skip
            st.caption(
                "Runs in the background, one step after the other; copies of the images are stored in "
                f"{text.code(settings().format_experiments)}."
            )
            if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
                _start(datasets[name], "small" if network else "none")


def _start(dataset: Artifact, model_a: str) -> None:
    folder = settings().format_experiments / dataset.name
    try:
        ids = submit_chain(chain(FormatStudyParams(dataset.folder, folder, model_a=model_a)))
    except InputError as error:
        parts.problem(error)
        return
    st.toast(f"Started in the background: {len(ids)} steps.", icon=":material/check:")


def _jobs() -> list[Job]:
    """The running step of an experiment, and the report that waits for all steps."""
    root = str(settings().format_experiments)
    live = store.list_jobs(status=("queued", "running"), limit=200)
    own = [job for job in live if any(isinstance(v, str) and v.startswith(root) for v in job.params.values())]
    return [job for job in own if job.status == "running" or job.kind == "treatment-report"]
