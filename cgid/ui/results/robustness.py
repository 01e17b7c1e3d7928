"""What is left after the web: tiers and curves of a run, in words, pictures and numbers, or the button that measures them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cgid.charts import robustness as charts
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.models.onnx_model import scores_only
from cgid.robustness.params import RobustnessParams
from cgid.runs.robustness_file import FILE, FOLDER, TABLE, measured
from cgid.runs.run import Run
from cgid.ui.shared import jobs, parts, text

MEASURES = {
    "errors": ("Both errors", ("false_positive_rate", "false_negative_rate")),
    "auc": ("AUC", ("auc",)),
    "balanced_accuracy": ("Balanced accuracy", ("balanced_accuracy",)),
}
COUNTS = (100, 300, 1000, 3000)
COLUMNS = {
    "title": "images",
    "n": "n",
    "false_positive_rate": "real photos wrongly accused",
    "false_negative_rate": "AI images missed",
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy",
}


def robustness(run: Run) -> None:
    """The section of a run on the Results page."""
    st.subheader("What is left after the web", anchor=False)
    if run.kind != "model_a":
        st.caption(
            "Measured for Model A only: it sees pixels alone, and can be asked again about each damaged image. "
            "Choose a Model A above."
        )
        return
    content = measured(run.folder, run.manifest)
    if content:
        _sentences(content)
        _pictures(content)
        _table(content)
        with st.container(horizontal=True):
            parts.download("Robustness (CSV)", run.folder / FOLDER / TABLE, "text/csv", "robustness-csv")
            parts.download("Robustness (JSON)", run.folder / FOLDER / FILE, "application/json", "robustness-json")
    _measure(run, bool(content))


def _sentences(content: dict[str, Any]) -> None:
    for sentence in content["sentences"]:
        lead, _, rest = sentence.partition(": ")
        st.markdown(f"- **{text.literal(lead)}:** {text.literal(rest)}")
    first = content["points"][0]
    left = f" {content['n_skipped']} were left out." if content.get("n_skipped") else ""
    where = str(content.get("images", ""))
    st.caption(
        text.literal(
            f"{where[:1].upper()}{where[1:]}: {first['n']} images of {first['groups']} independent sources, the same "
            f"ones in every state; both classes treated alike, at the frozen threshold {first['threshold']:.3f}.{left}"
        )
    )


def _pictures(content: dict[str, Any]) -> None:
    measure = st.segmented_control(
        "Figure", list(MEASURES), default="errors", required=True, format_func=lambda m: MEASURES[m][0], key="robust-measure"
    )  # fmt: skip
    title, names = MEASURES[measure]
    rows = _rows(content["points"], names)
    scale = charts.domain(rows, measure == "errors")
    at = rows[rows["degradation"] == ""]
    order = at["tier"].drop_duplicates().tolist()
    st.altair_chart(
        charts.tiers(at.assign(name=at["tier"]), order, scale), width="stretch",
        alt=f"Dot plot: {title} with 95 % intervals for images as they are (clean) and at the tiers {', '.join(order[1:])}.",
    )  # fmt: skip
    clean = rows[rows["tier"] == order[0]]
    for pair in _pairs(content["degradations"]):
        for column, each in zip(st.columns(2), pair):
            mine = rows[rows["degradation"] == each["name"]]
            with column:
                st.markdown(f"**{text.literal(each['title'])}**")
                st.altair_chart(
                    charts.curve(mine, clean, each["unit"], bool(each.get("falling")), scale), width="stretch",
                    alt=f"Line chart with interval bands: {title} against {each['unit']}; dotted, the images as they are.",
                )  # fmt: skip
    lines = "Circles, solid: real photos wrongly accused. Squares, dashed: AI images missed. " if len(names) > 1 else ""
    st.caption(
        f"{lines}Damage grows to the right. Bands and bars: 95 % intervals by independent source. Dotted: the same images "
        "as they are. An error counts as doubled where the change itself, image by image, lies above zero with its interval."
    )


def _table(content: dict[str, Any]) -> None:
    with st.expander("All figures as a table", icon=":material/table:"):
        table = pd.DataFrame(
            [
                {
                    name: p[key] if key in ("title", "n") else (text.share if "rate" in key else text.decimal)(p[key])
                    for key, name in COLUMNS.items()
                }
                for p in content["points"]
            ]
        )
        st.dataframe(table, hide_index=True, alt="Figures with 95 % intervals at every tier and strength")


def _measure(run: Run, again: bool) -> None:
    """The button that starts the job, and the job while it runs."""
    if problem := scores_only(run.folder, run.manifest):
        if not again:
            st.text(f"{problem} Or give its scores of the damaged images in the columns `degradation` and `level`.")
        return
    say = "Measure again" if again else "Measure robustness"
    holder = st.expander(say, icon=":material/add:") if again else st.container(border=True)
    with holder:
        if not again:
            st.markdown(
                "Not measured yet: how often does the detector err once images have been saved again as JPEG, made "
                "smaller, blurred or grained? It judges some of its own test images in every state, a few minutes' work."
            )
        count = st.select_slider("Images at most", COUNTS, 300, key=f"robust-count-{run.id}")
        if st.button(say, icon=":material/play_arrow:", key=f"robust-start-{run.id}"):
            jobs.submit("robustness", RobustnessParams(run.folder, images=int(count)))
    jobs.watch(lambda: _unfinished(run), f"robust-{run.id}")


def _unfinished(run: Run) -> list[Job]:
    """The newest measurement of this run, unless it is done: then its figures stand here."""
    mine = [job for job in store.list_jobs(kind="robustness", limit=50) if job.params.get("run") == str(run.folder)]
    return [job for job in mine[:1] if job.status != "done"]


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
