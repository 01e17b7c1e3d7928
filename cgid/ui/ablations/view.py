"""The parts of the Ablations page: findings, charts, then the table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.ablation.results import MODEL_TITLES, agreement
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
MAX_FINDINGS, MAX_CONFIGURATIONS, MAX_NAMED = 6, 14, 8


def readable_name(plan: str) -> str:
    return PLAN_NAMES.get(plan, plan.replace("_", " "))


def findings(summary: dict[str, Any]) -> None:
    every = [f"- {_safe(s)}" for s in summary.get("sentences") or []]
    st.markdown("\n".join(every[:MAX_FINDINGS]))
    if every[MAX_FINDINGS:]:
        with st.expander(f"All {len(every)} findings", icon=":material/notes:"):
            st.markdown("\n".join(every))
    for note in summary.get("notes") or []:
        st.caption(_safe(note))


def _safe(sentence: object) -> str:
    """Names in backticks as code, everything else literally: both may come from a user's plan."""
    chunks = enumerate(str(sentence).split("`"))
    return "".join(text.code(chunk) if at % 2 else text.literal(chunk) for at, chunk in chunks)


def choose_model(results) -> str:
    """The model type of the charts and the what-if section; a choice only if there are several."""
    models = list(dict.fromkeys(results["model"]))
    if len(models) == 1:
        return models[0]
    return st.segmented_control(
        "Model type",
        models,
        default=models[0],
        required=True,
        format_func=lambda m: MODEL_TITLES.get(m, text.literal(m)),
    )


def metrics_section(results, summary: dict[str, Any]) -> str:
    """Values and differences of the chosen metric, the matrix, all rows. Returns the model type."""
    with st.container(horizontal=True):
        model = choose_model(results)
        metrics = [m for m in METRICS if m in set(results["metric"])] or sorted(set(results["metric"]))
        metric = st.segmented_control(
            "Metric",
            metrics,
            default=metrics[0],
            required=True,
            format_func=lambda m: METRICS.get(m, text.literal(m)),
        )
    title = METRICS.get(metric, metric)
    rows = _configurations(results[results["metric"] == metric])
    _forests(rows[rows["model"] == model], title)
    if rows["model"].nunique() > 1:
        _matrix(rows, title, *agreement(results, metric))
    st.caption(
        text.literal(
            "Each difference is tested over the folds, which share most of their images (Nadeau and Bengio's corrected t-test). "
            + (summary.get("correction") or "p_holm is Holm-corrected for all comparisons of the table.")
        )
    )
    with st.expander("All metrics", icon=":material/table:"):
        st.dataframe(results, hide_index=True, alt="All ablation results")
    return model


def _configurations(results):
    """The configurations to show: all of them, or if there are many those of the chosen kinds; with readable names."""
    own = results["plan"].map(lambda p: next((k for k in KINDS if p.startswith(k)), ""))
    if results["plan"].nunique() > MAX_CONFIGURATIONS:
        there = [k for k in KINDS if (own == k).any()]
        shown = st.pills(
            "Show in addition to the presets", there, selection_mode="multi", format_func=KINDS.get,
            default=[k for k in there if "family" in k] or there[:1],
        )  # fmt: skip
        results = results[own.isin(["", *shown])]
    return results.assign(plan=results["plan"].map(readable_name))


def _forests(rows, title: str) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader("Performance of each feature set", anchor=False)
        st.altair_chart(
            intervals.levels(rows, title),
            width="stretch",
            alt=f"Dot plot of {title} for each feature set, with intervals.",
        )
    with right:
        st.subheader("Change compared with all features", anchor=False)
        rest = rows[rows["difference"].notna() & (rows["plan"] != PLAN_NAMES["all"])]
        if len(rest):
            st.altair_chart(
                intervals.differences(rest, title), width="stretch",
                alt=f"Forest plot: change of {title} compared with all features, with 95 % intervals.",
            )  # fmt: skip
        st.caption("An interval that crosses the dashed line is compatible with no change.")


def _matrix(rows, title: str, configurations: int, differ: list[str]) -> None:
    st.subheader("Does the model type change the result?", anchor=False)
    named = ", ".join(text.literal(readable_name(plan)) for plan in differ[:MAX_NAMED])
    more = f" and {len(differ) - MAX_NAMED} more" if len(differ) > MAX_NAMED else ""
    st.markdown(
        f"For {configurations - len(differ)} of {configurations} feature sets all model types agree whether there is a significant loss, a "
        f"significant gain or neither{f'; they disagree for: {named}{more}' if differ else ''}."
    )
    st.altair_chart(
        leakage.grid(rows.assign(model=rows["model"].map(lambda m: MODEL_TITLES.get(m, m))), title),
        width="stretch",
        alt=f"Grid of {title}: a row for each feature set, a column for each model type, the value in each cell.",
    )
    st.caption(
        "All model types were trained on the same folds. A triangle marks a significant change compared with all features of "
        "the same model type (p_holm at most 0.05): down is a loss, up is a gain."
    )
