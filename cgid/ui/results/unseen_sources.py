"""How a training does on a source it has never seen: the picture first, then the figures, or the form that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cgid import artifacts
from cgid.artifacts import Found
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
    "false_positive_rate": "share of real photos wrongly accused (false positive rate)",
    "false_negative_rate": "share of AI images missed (false negative rate)",
}
SHORT = {
    "balanced_accuracy": "Balanced accuracy",
    "auc": "AUC",
    "false_positive_rate": "Real photos accused",
    "false_negative_rate": "AI images missed",
}
GUESSING = ("balanced_accuracy", "auc")
COIN = "Balanced accuracy 0.5 is a coin toss (dashed line)."


def sources() -> None:
    """The section: what the studies found, and the form for another one."""
    datasets = artifacts.datasets()
    st.subheader("How it does on a source it has never seen", anchor=False)
    st.caption(
        "One source of images at a time is left out, a network is trained on the others, and the source left out is "
        f"judged. This is about a way of training, not about one run. {COIN}"
    )
    found = artifacts.unseen_sources()
    if found:
        _study(parts.choose("Study", found, lambda f: f.name, "unseen", lambda f: f.label))
    else:
        parts.nothing(
            "Nobody has measured this yet. Figures on a test set of the same sources flatter a detector; on an unseen "
            "source many fall to a coin toss. Choose data sets of several sources below."
        )
    with st.expander("Leave one source out", expanded=not found and bool(datasets), icon=":material/add:"):
        _form(datasets)
    jobs.watch(lambda: store.list_jobs(kind=KIND, status=("queued", "running"), limit=4), KIND)


def _study(study: Found) -> None:
    summary = study.summary
    parts.simulated_note(bool(summary.get("simulated")))
    for sentence in summary.get("sentences") or []:
        st.markdown(f"- {text.literal(sentence)}")
    rows, means, tiers = (summary.get(k) or [] for k in ("rows", "means", "tiers"))
    if not rows:
        st.caption("This study is damaged; start it again.")
        return
    measure = st.segmented_control(
        "Measure",
        list(MEASURES),
        default="balanced_accuracy",
        required=True,
        format_func=SHORT.get,
        key="unseen-figure",
    )
    lines = _lines([*rows, *({"left_out": "mean over sources"} | mean for mean in means)], measure)
    st.altair_chart(
        chart.by_source(lines, MEASURES[measure], list(tiers), measure in GUESSING), width="stretch",
        alt=f"Dot plot: {MEASURES[measure]} on each source left out of training, with 95 % intervals, for each tier.",
    )  # fmt: skip
    st.caption(
        "Grey tick: other images of the sources it learnt from. Intervals of a source are drawn by group of images; that "
        "of the mean is Student's t over the sources left out, whose trainings share images: rather too narrow. Tiers: "
        "clean as it is; web at most 768 px, JPEG 60; hard at most 512 px, JPEG 40."
    )
    st.dataframe(_table(rows, means), hide_index=True, alt="Figures of every source left out and tier, with intervals")
    for note in summary.get("notes") or []:
        st.caption(text.literal(note))
    with st.container(horizontal=True):
        parts.download("Every source and tier (CSV)", study.main, "text/csv", "unseen-csv")
        parts.download("Page (Markdown)", study.main.with_suffix(".md"), "text/markdown", "unseen-md")
        parts.download("All figures (JSON)", study.main.with_suffix(".json"), "application/json", "unseen-json")


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
                "real photos accused (FPR)": text.share(row["false_positive_rate"]),
                "AI images missed (FNR)": text.share(row["false_negative_rate"]),
                "balanced accuracy": text.decimal(row["balanced_accuracy"]),
                "AUC": text.decimal(row["auc"]),
                "balanced accuracy at home": text.decimal(row["in_domain"]["balanced_accuracy"]),
                "AUC at home": text.decimal(row["in_domain"]["auc"]),
            }
        )
    return table


def _images(row: dict[str, Any]) -> str:
    return f"{row['n_real']} real, {row['n_ai']} AI" if "n_real" in row else f"{row['sources']} left out"


def _form(datasets: Sequence[Found]) -> None:
    if not datasets:
        parts.nothing("There are no images yet.", "data", "Add images")
        return
    by_name = {d.name: d for d in datasets}
    with st.form("unseen-form", border=False):
        chosen = st.multiselect(
            "Data sets (together at least two sources)", list(by_name), format_func=lambda n: by_name[n].label,
            help="Sources stand in the manifests' column `source`. One with real photos only is left out together with "
            "one of AI images only.",
        )  # fmt: skip
        cols = st.columns(3)
        known, views = all_architectures(), all_representations()
        arch = cols[0].selectbox("Network", list(known), list(known).index("resnet18"), format_func=lambda a: known[a].title)  # fmt: skip
        view = cols[1].selectbox("Network sees", list(views), list(views).index("srm"), format_func=lambda v: views[v].title)  # fmt: skip
        seeds = cols[2].number_input("Networks for each source", 1, 10, 1, help="With other seeds; their logits are averaged.")  # fmt: skip
        cols = st.columns(3)
        epochs = cols[0].number_input("Epochs", 1, 200, 5)
        side = cols[1].number_input("Input side in pixels (cut out)", 32, 512, 128, 32)
        named = cols[2].text_input("Name of the study", placeholder="from data set and time")
        st.caption("As many trainings as there are sources, one after the other, in the background.")
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            if not chosen:
                parts.problem("Choose at least one data set.")
                return
            jobs.submit(KIND, LeaveOneSourceOutParams(
                tuple(by_name[n].main for n in chosen), settings().unseen / run_name(named, chosen[0]),
                arch=arch, input=view, fit="crop", image_size=int(side), epochs=int(epochs), batch_size=32, lr=5e-4,
                augment="web", seeds=int(seeds),
            ))  # fmt: skip
