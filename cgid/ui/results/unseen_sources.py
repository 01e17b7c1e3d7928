"""Performance on unseen sources (leave one source out): the chart first, then the metrics, or the form that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cgid import artifacts
from cgid.artifacts import Artifact
from cgid.charts import robustness as chart
from cgid.jobs import store
from cgid.models.architecture import all_architectures
from cgid.models.representation import all_representations
from cgid.settings import settings
from cgid.train.params import LeaveOneSourceOutParams
from cgid.ui.shared import jobs, parts, text
from cgid.ui.shared.runs import run_name

KIND = "leave-one-source-out"
MEASURES = {
    "balanced_accuracy": "balanced accuracy",
    "auc": "AUC",
    "false_positive_rate": "false positive rate (real photos called AI)",
    "false_negative_rate": "false negative rate (AI images called real)",
}
SHORT = {
    "balanced_accuracy": "Balanced accuracy",
    "auc": "AUC",
    "false_positive_rate": "False positive rate",
    "false_negative_rate": "False negative rate",
}
CHANCE_METRICS = ("balanced_accuracy", "auc")
CHANCE = "A balanced accuracy of 0.5 is chance (dashed line)."


def sources() -> None:
    """The section: results of the experiments, and the form for another one."""
    datasets = artifacts.datasets()
    st.subheader("Performance on unseen sources", anchor=False)
    st.caption(
        "One source of images at a time is left out: a network is trained on the others and evaluated on it. This "
        f"evaluates a training configuration, not a single run. {CHANCE}"
    )
    experiments = artifacts.unseen_source_results()
    experiment = parts.choose("Experiment", experiments, lambda f: f.name, "unseen", lambda f: f.label)
    if experiment is not None:
        _experiment(experiment)
    else:
        parts.nothing(
            "Not measured yet. Metrics on a test set from the same sources are optimistic; on an unseen source many "
            "detectors fall to chance. Choose data sets with several sources below."
        )
    with st.expander("Leave one source out", expanded=not experiments and bool(datasets), icon=":material/add:"):
        _form(datasets)
    jobs.watch(lambda: store.list_jobs(kind=KIND, status=("queued", "running"), limit=4), KIND)


def _experiment(study: Artifact) -> None:
    summary = study.summary
    parts.simulated_note(bool(summary.get("simulated")))
    for sentence in summary.get("sentences") or []:
        st.markdown(f"- {text.literal(sentence)}")
    rows, means, tiers = (summary.get(k) or [] for k in ("rows", "means", "tiers"))
    if not rows:
        st.caption("This experiment is damaged. Run it again.")
        return
    measure = st.segmented_control(
        "Metric",
        list(MEASURES),
        default="balanced_accuracy",
        required=True,
        format_func=SHORT.get,
        key="unseen-figure",
    )
    lines = _lines([*rows, *({"left_out": "mean over sources"} | mean for mean in means)], measure)
    st.altair_chart(
        chart.by_source(lines, MEASURES[measure], list(tiers), measure in CHANCE_METRICS), width="stretch",
        alt=f"Dot plot: {MEASURES[measure]} on each source left out of training, with 95 % intervals, for each tier.",
    )  # fmt: skip
    st.caption(
        "Grey tick: other images of the training sources. Intervals of a source are clustered by group of images; that of "
        "the mean is Student's t over the left-out sources, whose training sets overlap, so it is rather too narrow. "
        "Tiers: clean: unmodified; web: at most 768 px, JPEG 60; hard: at most 512 px, JPEG 40."
    )
    st.dataframe(_table(rows, means), hide_index=True, alt="Metrics of every left-out source and tier, with intervals")
    for note in summary.get("notes") or []:
        st.caption(text.literal(note))
    with st.container(horizontal=True):
        parts.download("All sources and tiers (CSV)", study.main, "text/csv", "unseen-csv")
        parts.download("Report (Markdown)", study.main.with_suffix(".md"), "text/markdown", "unseen-md")
        parts.download("All metrics (JSON)", study.main.with_suffix(".json"), "application/json", "unseen-json")


def _lines(rows: Sequence[dict[str, Any]], measure: str):
    import pandas as pd

    lines = [
        {"source": row["left_out"], "tier": row["tier"], "home": row["in_domain"][measure]["value"], "images": _images(row)}
        | {side: row[measure][side] for side in ("value", "low", "high")}
        for row in rows
    ]  # fmt: skip
    return pd.DataFrame(lines).astype(dict.fromkeys(("home", "value", "low", "high"), float))


def _table(rows: Sequence[dict[str, Any]], means: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    table = []
    for row in [*rows, *({"left_out": "mean over sources"} | mean for mean in means)]:
        table.append(
            {"left out": row["left_out"], "tier": row["tier"], "images": _images(row)}
            | {
                "false positive rate": text.share(row["false_positive_rate"]),
                "false negative rate": text.share(row["false_negative_rate"]),
                "balanced accuracy": text.decimal(row["balanced_accuracy"]),
                "AUC": text.decimal(row["auc"]),
                "balanced accuracy, in-distribution": text.decimal(row["in_domain"]["balanced_accuracy"]),
                "AUC, in-distribution": text.decimal(row["in_domain"]["auc"]),
            }
        )
    return table


def _images(row: dict[str, Any]) -> str:
    return f"{row['n_real']} real, {row['n_ai']} AI" if "n_real" in row else f"{row['sources']} left out"


def _form(datasets: Sequence[Artifact]) -> None:
    if not datasets:
        parts.nothing("There are no images yet.", "data", "Add images")
        return
    by_name = {d.name: d for d in datasets}
    with st.form("unseen-form", border=False):
        chosen = st.multiselect(
            "Data sets (together at least two sources)", list(by_name), format_func=lambda n: by_name[n].label,
            help="Sources are read from the manifest column `source`. One with only real photos is left out together with "
            "one with only AI images.",
        )  # fmt: skip
        cols = st.columns(3)
        known, views = all_architectures(), all_representations()
        arch = cols[0].selectbox("Network", list(known), list(known).index("resnet18"), format_func=lambda a: known[a].title)  # fmt: skip
        view = cols[1].selectbox("Input representation", list(views), list(views).index("srm"), format_func=lambda v: views[v].title)  # fmt: skip
        seeds = cols[2].number_input("Networks per source", 1, 10, 1, help="With different seeds; their logits are averaged.")  # fmt: skip
        cols = st.columns(3)
        epochs = cols[0].number_input("Epochs", 1, 200, 5)
        side = cols[1].number_input("Input size in pixels (crop)", 32, 512, 128, 32)
        named = cols[2].text_input("Name of the experiment", placeholder="from data set and time")
        st.caption("One training per source, one after the other, in the background.")
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            if not chosen:
                parts.problem("Choose at least one data set.")
                return
            jobs.submit(KIND, LeaveOneSourceOutParams(
                tuple(by_name[n].main for n in chosen), settings().unseen / run_name(named, chosen[0]),
                arch=arch, input=view, fit="crop", image_size=int(side), epochs=int(epochs), batch_size=32, lr=5e-4,
                augment="web", seeds=int(seeds),
            ))  # fmt: skip
