"""The parts of the Ablations page: what it says in words, the picture, then the table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.charts import forest

METRICS = {"auc": "AUC", "balanced_accuracy": "balanced accuracy", "f1": "F1 of the AI class"}
PLAN_NAMES = {"all": "all features", "no_jpeg": "without JPEG", "no_format": "without format and metadata"}


def sentences(summary: dict[str, Any]) -> None:
    for sentence in summary.get("sentences") or []:
        st.markdown(f"- {sentence}")
    for note in summary.get("notes") or []:
        st.caption(str(note))


def figures(results) -> None:
    """Levels and differences of the chosen metric, then every row."""
    metrics = [m for m in METRICS if m in set(results["metric"])] or sorted(set(results["metric"]))
    metric = st.segmented_control(
        "Measure", metrics, default=metrics[0], required=True, format_func=lambda m: METRICS.get(m, m)
    )
    mine = results[results["metric"] == metric].copy()
    mine["plan"] = mine["plan"].map(lambda p: PLAN_NAMES.get(p, p.replace("_", " ")))
    title = METRICS.get(metric, metric)
    left, right = st.columns(2)
    with left:
        st.subheader("How good each one is", anchor=False)
        st.altair_chart(
            forest.levels(mine, title),
            width="stretch",
            alt=f"Dot plot of {title} for each set of features, with intervals.",
        )
    with right:
        st.subheader("What is lost against all features", anchor=False)
        rest = mine[mine["difference"].notna() & (mine["plan"] != PLAN_NAMES["all"])]
        if len(rest):
            st.altair_chart(
                forest.differences(rest, title), width="stretch",
                alt=f"Forest plot: change of {title} against all features, with 95 % intervals.",
            )  # fmt: skip
        st.caption("An interval that crosses the dashed line is compatible with no change at all.")
    st.dataframe(mine, hide_index=True, alt="All ablation results")
