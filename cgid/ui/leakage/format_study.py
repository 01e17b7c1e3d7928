"""What did the format tell? Probes and models before and after treatments of the images, or the button that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cgid import artifacts
from cgid.artifacts import CLEANED_MANIFEST, Found
from cgid.charts import robustness as chart
from cgid.errors import InputError
from cgid.format_matching.params import TreatmentStudyParams
from cgid.format_matching.study import MODELS, TITLES, side_by_side
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.jobs.submit import submit_chain
from cgid.pipelines.format_study import chain
from cgid.schema import Family, label_of
from cgid.settings import settings
from cgid.ui.shared import jobs, parts, text

DATED = "The study is damaged or of an earlier version; start it again."


def section(chosen: str) -> None:
    """Picture, sentences, table and downloads of a study. chosen: name of the data set the page is about, shown first."""
    st.subheader("What did the format tell?", anchor=False)
    st.caption(
        "The same images again, untreated and saved alike: what falls was the file format, what stays is in the pixels."
    )
    found = sorted(artifacts.treatment_studies(), key=lambda f: f.name != chosen)
    if found:
        study = parts.choose("Study", found, lambda f: f.name, "treatment", lambda f: f.label)
        try:
            _study(study)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):  # a file that someone else wrote
            st.caption(DATED)
    else:
        parts.nothing(
            "Nobody has treated these images yet. A study makes copies (AI images saved as JPEG; both classes saved as "
            "JPEG; both cut and saved alike), and audits and learns from each. Your images are only read."
        )
    _form(chosen, not found)
    jobs.watch(_jobs, "treatments")


def _study(study: Found) -> None:
    content = study.summary
    for sentence in content["sentences"]:
        st.markdown(f"- {text.literal(sentence)}")
    titles = {one["treatment"]: TITLES[one["treatment"]] for one in content["treatments"]}
    left, right = st.columns(2)
    with left:
        st.altair_chart(
            chart.before_after(_probes(content["treatments"]), titles), width="stretch",
            alt="Dot plot: balanced accuracy of a small model on one family of features alone, untreated and after each "
            "treatment, with 95 % intervals and a dashed line at guessing.",
        )  # fmt: skip
        st.caption("A small model that sees one family of features only, cross-validated over all images.")
    with right:
        st.altair_chart(
            chart.before_after(_models(content["treatments"]), titles), width="stretch",
            alt="Dot plot: balanced accuracy of the models on the test images, trained on the same treatment or on the "
            "untreated images, with 95 % intervals and a dashed line at guessing.",
        )  # fmt: skip
        st.caption("On test images that no model was trained on. Intervals are drawn by group of images.")
    rows = side_by_side(content)
    names = list(dict.fromkeys(name for row in rows for name in row if name != "images"))
    table = [{"": name} | {row["images"]: row.get(name, "") for row in rows} for name in names]
    st.dataframe(table, hide_index=True, alt="Every figure before and after each treatment, with intervals")
    for one in content["treatments"][1:]:
        st.caption(text.literal(f"{TITLES[one['treatment']]}: {' '.join(one['said'])}"))
    with st.container(horizontal=True):
        parts.download("Every figure (CSV)", study.main, "text/csv", "treatment-csv")
        parts.download("Page (Markdown)", study.main.with_suffix(".md"), "text/markdown", "treatment-md")
        parts.download("All of it (JSON)", study.main.with_suffix(".json"), "application/json", "treatment-json")


def _probes(treatments: Sequence[dict[str, Any]]):
    found = {family: None for one in treatments for family in one["probes"]}
    known = [family.value for family in Family if family in found]
    order = known + [family for family in found if family not in known]
    return _frame(
        (f"{label_of(Family, f)} alone".capitalize(), one["treatment"], one["probes"][f]["balanced_accuracy"])
        for f in order
        for one in treatments
        if f in one["probes"]
    )


def _models(treatments: Sequence[dict[str, Any]]):
    ways = {"trained": "{}", "crossed": "{}, trained untreated"}
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
    with st.expander("Treat a data set and compare", expanded=open_at_once, icon=":material/add:"):
        datasets = {d.name: d for d in artifacts.datasets() if d.main.name != CLEANED_MANIFEST}
        if not datasets:
            parts.nothing("There is no data set with train, validation and test images yet.", "data", "Add images")
            return
        names = sorted(datasets, key=lambda name: name != chosen)
        with st.form("treatment", border=False):
            name = st.selectbox("Data set", names, format_func=lambda n: datasets[n].label, key="treatment-data")
            network = st.checkbox(
                "Also train Model A on each treatment", key="treatment-model-a",
                help="Four small trainings more; minutes to an hour without a graphics card.",
            )  # fmt: skip
            st.caption(
                "Runs in the background, one step after the other; copies of the images lie in artifacts/treatments."
            )
            if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
                _start(datasets[name], "small" if network else "none")


def _start(dataset: Found, model_a: str) -> None:
    folder = settings().treatments / dataset.name
    try:
        ids = submit_chain(chain(TreatmentStudyParams(dataset.folder, folder, model_a=model_a)))
    except InputError as error:
        parts.problem(error)
        return
    st.toast(f"Started in the background: {len(ids)} steps.", icon=":material/check:")


def _jobs() -> list[Job]:
    """What of a study runs now, and the report that waits for all of it."""
    root = str(settings().treatments)
    live = store.list_jobs(status=("queued", "running"), limit=200)
    own = [job for job in live if any(isinstance(v, str) and v.startswith(root) for v in job.params.values())]
    return [job for job in own if job.status == "running" or job.kind == "treatment-report"]
