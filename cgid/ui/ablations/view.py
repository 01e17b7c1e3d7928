"""The parts of the Ablations page: what it says in words, the pictures, then the table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ablation.results import NAMES, agreement
from cgid.charts import intervals, leakage
from cgid.ui.shared import text

METRICS = {"auc": "AUC", "balanced_accuracy": "balanced accuracy", "f1": "F1 of the AI class"}
PLAN_NAMES = {"all": "all features", "no_jpeg": "without JPEG", "no_format": "without format and metadata"}
KINDS = {
    "without_family_": "without one family",
    "only_family_": "only one family",
    "without_group_": "without one group",
    "only_group_": "only one group",
}
FIRST_SENTENCES, FEW_ARMS, MOST_NAMED = 6, 14, 8


def say(plan: str) -> str:
    return PLAN_NAMES.get(plan, plan.replace("_", " "))


def sentences(summary: dict[str, Any]) -> None:
    every = [f"- {_safe(s)}" for s in summary.get("sentences") or []]
    st.markdown("\n".join(every[:FIRST_SENTENCES]))
    if every[FIRST_SENTENCES:]:
        with st.expander(f"All {len(every)} sentences", icon=":material/notes:"):
            st.markdown("\n".join(every))
    for note in summary.get("notes") or []:
        st.caption(_safe(note))


def _safe(sentence: object) -> str:
    """Names in backticks as code, all else to the letter: both may come from somebody's plan."""
    pieces = enumerate(str(sentence).split("`"))
    return "".join(text.code(piece) if at % 2 else text.literal(piece) for at, piece in pieces)


def choose_model(results) -> str:
    """The kind of model that pictures and what-if are about; asked only where there are several."""
    models = list(dict.fromkeys(results["model"]))
    if len(models) == 1:
        return models[0]
    return st.segmented_control(
        "Kind of model", models, default=models[0], required=True, format_func=lambda m: NAMES.get(m, text.literal(m))
    )


def figures(results, summary: dict[str, Any]) -> str:
    """Levels and differences of the chosen measure, the matrix, every row. Returns the kind of model they are about."""
    with st.container(horizontal=True):
        model = choose_model(results)
        metrics = [m for m in METRICS if m in set(results["metric"])] or sorted(set(results["metric"]))
        metric = st.segmented_control(
            "Measure",
            metrics,
            default=metrics[0],
            required=True,
            format_func=lambda m: METRICS.get(m, text.literal(m)),
        )
    title = METRICS.get(metric, metric)
    mine = _arms(results[results["metric"] == metric])
    _forests(mine[mine["model"] == model], title)
    if mine["model"].nunique() > 1:
        _matrix(mine, title, *agreement(results, metric))
    st.caption(
        text.literal(
            "Each difference is tested over the folds, which share most of their images (Nadeau and Bengio's corrected t). "
            + (summary.get("correction") or "p_holm is corrected by Holm for all comparisons of the table.")
        )
    )
    with st.expander("Every figure", icon=":material/table:"):
        st.dataframe(results, hide_index=True, alt="All ablation results")
    return model


def _arms(results):
    """The arms to be drawn: all of them, or with many those of the chosen kinds; with names as people say them."""
    own = results["plan"].map(lambda p: next((k for k in KINDS if p.startswith(k)), ""))
    if results["plan"].nunique() > FEW_ARMS:
        there = [k for k in KINDS if (own == k).any()]
        shown = st.pills(
            "Beside the presets, show", there, selection_mode="multi", format_func=KINDS.get,
            default=[k for k in there if "family" in k] or there[:1],
        )  # fmt: skip
        results = results[own.isin(["", *shown])]
    return results.assign(plan=results["plan"].map(say))


def _forests(mine, title: str) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader("How good each one is", anchor=False)
        st.altair_chart(
            intervals.levels(mine, title),
            width="stretch",
            alt=f"Dot plot of {title} for each set of features, with intervals.",
        )
    with right:
        st.subheader("What is lost against all features", anchor=False)
        rest = mine[mine["difference"].notna() & (mine["plan"] != PLAN_NAMES["all"])]
        if len(rest):
            st.altair_chart(
                intervals.differences(rest, title), width="stretch",
                alt=f"Forest plot: change of {title} against all features, with 95 % intervals.",
            )  # fmt: skip
        st.caption("An interval that crosses the dashed line is compatible with no change at all.")


def _matrix(mine, title: str, arms: int, differ: list[str]) -> None:
    st.subheader("Does another kind of model change the answer?", anchor=False)
    named = ", ".join(text.literal(say(plan)) for plan in differ[:MOST_NAMED])
    more = f" and {len(differ) - MOST_NAMED} more" if len(differ) > MOST_NAMED else ""
    st.markdown(
        f"For {arms - len(differ)} of {arms} sets of features all kinds of model agree whether something is lost, gained "
        f"or no more than chance{f'; they differ for: {named}{more}' if differ else ''}."
    )
    st.altair_chart(
        leakage.grid(mine.assign(model=mine["model"].map(lambda m: NAMES.get(m, m))), title),
        width="stretch",
        alt=f"Grid of {title}: a row for each set of features, a column for each kind of model, the figure in each cell.",
    )
    st.caption(
        "All kinds of model learned on the same folds. A triangle marks a change against all features of the same model "
        "that is more than chance (p_holm at most 0.05): down is lost, up is gained."
    )
