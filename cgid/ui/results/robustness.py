"""Robustness to recompression and resizing: sentences, charts and metrics of a run, or the button that measures them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cgid.charts import robustness as charts
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.models.onnx_model import scores_only
from cgid.robustness.params import RobustnessParams
from cgid.runs.robustness_file import FILE, FOLDER, TABLE, read_robustness
from cgid.runs.run import Run
from cgid.ui.shared import jobs, parts, text

MEASURES = {
    "errors": ("Error rates", ("false_positive_rate", "false_negative_rate")),
    "auc": ("AUC", ("auc",)),
    "balanced_accuracy": ("Balanced accuracy", ("balanced_accuracy",)),
}
COUNTS = (100, 300, 1000, 3000)
COLUMNS = {
    "title": "images",
    "n": "n",
    "false_positive_rate": "false positive rate",
    "false_negative_rate": "false negative rate",
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
}


def robustness(run: Run) -> None:
    """The section of a run on the Results page."""
    st.subheader("Robustness to web processing", anchor=False)
    if run.kind != "model_a":
        st.caption(
            "Available for Model A only: it needs nothing but pixels, so it can score every degraded copy. "
            "Choose a Model A above."
        )
        return
    content = read_robustness(run.folder, run.manifest)
    if content:
        _findings(content)
        _charts(content)
        _table(content)
        with st.container(horizontal=True):
            parts.download("Robustness (CSV)", run.folder / FOLDER / TABLE, "text/csv", "robustness-csv")
            parts.download("Robustness (JSON)", run.folder / FOLDER / FILE, "application/json", "robustness-json")
    _measure(run, bool(content))


def _findings(content: dict[str, Any]) -> None:
    for sentence in content["sentences"]:
        lead, _, rest = sentence.partition(": ")
        st.markdown(f"- **{text.literal(lead)}:** {text.literal(rest)}")
    first = content["points"][0]
    left = f" {content['n_skipped']} were left out." if content.get("n_skipped") else ""
    where = str(content.get("images", ""))
    st.caption(
        text.literal(
            f"{where[:1].upper()}{where[1:]}: {first['n']} images from {first['groups']} independent sources, the same "
            f"ones in every condition; both classes processed identically, at the fixed threshold {first['threshold']:.3f}.{left}"
        )
    )


def _charts(content: dict[str, Any]) -> None:
    measure = st.segmented_control(
        "Metric", list(MEASURES), default="errors", required=True, format_func=lambda m: MEASURES[m][0], key="robust-measure"
    )  # fmt: skip
    title, names = MEASURES[measure]
    rows = _rows(content["points"], names)
    scale = charts.domain(rows, measure == "errors")
    at = rows[rows["degradation"] == ""]
    order = at["tier"].drop_duplicates().tolist()
    st.altair_chart(
        charts.tiers(at.assign(name=at["tier"]), order, scale), width="stretch",
        alt=f"Dot plot: {title} with 95 % intervals for unmodified images (clean) and at the tiers {', '.join(order[1:])}.",
    )  # fmt: skip
    clean = rows[rows["tier"] == order[0]]
    for pair in _pairs(content["degradations"]):
        for column, each in zip(st.columns(2), pair):
            curve_rows = rows[rows["degradation"] == each["name"]]
            with column:
                st.markdown(f"**{text.literal(each['title'])}**")
                st.altair_chart(
                    charts.curve(curve_rows, clean, each["unit"], bool(each.get("falling")), scale), width="stretch",
                    alt=f"Line chart with interval bands: {title} against {each['unit']}; dotted: the unmodified images.",
                )  # fmt: skip
    lines = "Circles, solid: false positive rate. Squares, dashed: false negative rate. " if len(names) > 1 else ""
    st.caption(
        f"{lines}Degradation increases to the right. Bands and bars: 95 % intervals by independent source. Dotted: the same "
        "images, unmodified. An error rate counts as doubled only if the interval of the paired change is above zero."
    )


def _table(content: dict[str, Any]) -> None:
    with st.expander("All metrics as a table", icon=":material/table:"):
        table = pd.DataFrame(
            [
                {
                    name: p[key] if key in ("title", "n") else (text.share if "rate" in key else text.decimal)(p[key])
                    for key, name in COLUMNS.items()
                }
                for p in content["points"]
            ]
        )
        st.dataframe(table, hide_index=True, alt="Metrics with 95 % intervals at every tier and strength")


def _measure(run: Run, again: bool) -> None:
    """The button that starts the job, and the job while it runs."""
    if problem := scores_only(run.folder, run.manifest):
        if not again:
            st.text(
                f"{problem} Or import its scores of the degraded images with the columns `degradation` and `level`."
            )
        return
    label = "Measure again" if again else "Measure robustness"
    holder = st.expander(label, icon=":material/add:") if again else st.container(border=True)
    with holder:
        if not again:
            st.markdown(
                "Not measured yet: how often is the detector wrong after JPEG recompression, downscaling, blur or added "
                "noise? Some of its own test images are evaluated in every condition, which takes a few minutes."
            )
        count = st.select_slider("Maximum number of images", COUNTS, 300, key=f"robust-count-{run.id}")
        if st.button(label, icon=":material/play_arrow:", key=f"robust-start-{run.id}"):
            jobs.submit("robustness", RobustnessParams(run.folder, images=int(count)))
    jobs.watch(lambda: _unfinished(run), f"robust-{run.id}")


def _unfinished(run: Run) -> list[Job]:
    """The newest measurement of this run, unless it is done: then its metrics are shown instead."""
    own_jobs = [job for job in store.list_jobs(kind="robustness", limit=50) if job.params.get("run") == str(run.folder)]
    return [job for job in own_jobs[:1] if job.status != "done"]


def _rows(points: list[dict[str, Any]], names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {k: p[k] for k in ("tier", "degradation", "level", "title")} | {"what": name} | p[name]
            for p in points
            for name in names
        ]
    ).astype({"level": float, "value": float, "low": float, "high": float})


def _pairs(items: list) -> list[list]:
    return [items[i : i + 2] for i in range(0, len(items), 2)]
