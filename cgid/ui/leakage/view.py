"""The parts of the Leakage page: verdict first, then features, families, checks, and one feature in detail."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cgid.artifacts import Artifact
from cgid.charts import distributions
from cgid.charts import leakage as chart
from cgid.schema import Family, label_of
from cgid.ui.leakage.tables import labels, numbers
from cgid.ui.shared import load as files
from cgid.ui.shared import parts
from cgid.ui.shared import text as shared_text

RESULTS = {
    "issue": (":material/error:", "red", "issue"),
    "warning": (":material/warning:", "orange", "warning"),
    "passed": (":material/check_circle:", "green", "passed"),
    "not_applicable": (":material/remove:", "gray", "not applicable"),
}


def verdict(summary: dict[str, Any], report) -> None:
    """The audit in one sentence, and the three counts behind it."""
    leaks = int(summary.get("perfect_separator_count") or 0)
    near = int(summary.get("near_perfect_count") or 0)
    results = {c.get("result") for c in summary.get("dataset_checks") or []}
    results |= {name for name, count in (summary.get("severity_counts") or {}).items() if count}
    box, icon = st.success, ":material/gpp_good:"
    if "warning" in results:
        box, icon = st.warning, ":material/gpp_maybe:"
    if "issue" in results or leaks:
        box, icon = st.error, ":material/gpp_bad:"
    box(_plain(summary.get("verdict") or ""), icon=icon)
    cols = st.columns(4)
    cols[0].metric("Images", summary.get("total_rows"))
    cols[1].metric("Features", len(report))
    cols[2].metric("Perfect separators", leaks, help="best threshold accuracy of at least 99.9 %")
    cols[3].metric("Near-perfect", near, help="best threshold accuracy of at least 95 %")


def ranking(report) -> str | None:
    """Ranked bars. Returns the clicked feature."""
    st.subheader("Features that predict the label on their own", anchor=False)
    top = st.slider("Number of features", 5, max(6, min(80, len(report))), min(25, max(5, len(report))), key="top")
    event = st.altair_chart(
        chart.ranked(report, top), on_select="rerun", key="ranked", width="stretch",
        alt="Bar chart: features ranked by the AUC each reaches alone, with intervals and a line at 0.95.",
    )  # fmt: skip
    st.caption(
        "AUC 0.5 is chance, 1.0 separates the classes completely. Dashed line: 0.95. Whiskers: 95 % intervals over "
        "independent groups. Click a bar to see the feature below."
    )
    picked = ((event.selection or {}).get("feature") or []) if event else []
    return picked[0].get("feature") if picked else None


def families(summary: dict[str, Any]) -> None:
    """How well a small model classifies by one family of features alone."""
    import pandas as pd

    st.subheader("Feature families", anchor=False)
    rows = []
    for name, probe in (summary.get("families") or {}).items():
        figure = probe.get("balanced_accuracy") or {}
        if figure.get("value") is not None:
            rows.append(
                {
                    "family": label_of(Family, name),
                    "balanced_accuracy": figure["value"],
                    "low": figure["low"],
                    "high": figure["high"],
                }
            )
    if not rows:
        st.caption("Too few independent groups for this test.")
        return
    st.altair_chart(
        chart.probes(pd.DataFrame(rows)), width="stretch",
        alt="Dot plot: balanced accuracy of a small model on one family of features alone, with intervals.",
    )  # fmt: skip
    st.caption(
        "Dashed line: chance. File format: container and compression. Provenance: metadata and credentials. A useful "
        "detector relies on pixel content."
    )


def checks(summary: dict[str, Any]) -> None:
    """The data set's checks, worst first."""
    st.subheader("Data set checks", anchor=False)
    order = list(RESULTS)
    results_by_severity = sorted(
        summary.get("dataset_checks") or [], key=lambda c: order.index(c.get("result", "not_applicable"))
    )
    passed = [c for c in results_by_severity if c.get("result") == "passed"]
    _listed([c for c in results_by_severity if c.get("result") in ("issue", "warning")])
    if passed:
        with st.expander(
            f"{len(passed)} {'check' if len(passed) == 1 else 'checks'} passed", icon=":material/check_circle:"
        ):
            _listed(passed)


def _listed(results: list[dict[str, Any]]) -> None:
    for check in results:
        icon, colour, name = RESULTS[check.get("result", "not_applicable")]
        with st.container(horizontal=True, vertical_alignment="top", wrap=False):
            st.badge(name, icon=icon, color=colour)
            st.markdown(f"**{check.get('title', '')}**: {_plain(check.get('finding', ''))}")
        if check.get("remedy"):
            st.caption(_plain(check["remedy"]))


def feature(report, table: Artifact | None, picked: str | None) -> None:
    """One feature: its best rule, its distribution by class, its most extreme images."""
    st.subheader("One feature in detail", anchor=False)
    names = report["feature"].tolist()
    name = st.selectbox("Feature", names, index=names.index(picked) if picked in names else 0, key=f"feature-{picked}")
    row = report[report["feature"] == name].iloc[0]
    st.text(_meaning(name))
    st.markdown(_plain(row["finding"]) if isinstance(row["finding"], str) else "No finding.")
    accuracy = shared_text.percent(row["single_feature_best_accuracy"], 1)
    st.caption(
        f"Best rule: AI if {shared_text.code(row['single_feature_rule'])}, correct for {accuracy} of the images."
    )
    if table is None:
        st.caption("The feature table of this audit no longer exists.")
        return
    rows = files.table(table.main)
    if name not in rows:
        return
    label, values = labels(rows), numbers(rows, name)
    data = distributions.binned(values.to_numpy(), label.to_numpy())
    marks = (
        {"best threshold": float(row["single_feature_threshold"])}
        if row["single_feature_threshold"] == row["single_feature_threshold"]
        else {}
    )
    if len(data):
        st.altair_chart(
            distributions.by_class(data, name, marks, 260), width="stretch",
            alt=f"Histogram of {name}, one row for real photos and one for AI images.",
        )  # fmt: skip
    _extremes(rows.assign(**{"_label": label, name: values}), name)


def _extremes(rows, name: str) -> None:
    """Lowest and highest of each class."""
    if "filepath" not in rows:
        return
    for code, title in ((0, "Real photos"), (1, "AI images")):
        of_class = rows[(rows["_label"] == code) & rows[name].notna()].sort_values(name)
        if of_class.empty:
            continue
        st.markdown(f"**{title}**, lowest and highest")
        ends = of_class.head(3) if len(of_class) < 6 else of_class.iloc[[0, 1, 2, -3, -2, -1]]
        parts.images(
            [{"path": p, "caption": f"{v:.4g}"} for p, v in zip(ends["filepath"], ends[name])], f"extreme-{code}", 6
        )


def _meaning(column: str) -> str:
    from cgid.features.registry import all_groups

    for group in all_groups().values():
        for f in group.features:
            if group.column(f.name) == column:
                return f"{f.title}. {f.meaning}" + (f" Unit: {f.unit}." if f.unit else "")
        if column == group.missing_column:
            return f"1 where {group.title.lower()} is not applicable to a file, else 0."
    return "A feature of another system, without a description in cgid."


def _plain(text: str) -> str:
    """Findings have feature names and values in backticks; these are untrusted text and stay text."""
    between = str(text).split("`")
    return "".join(
        shared_text.code(p) if i % 2 and i < len(between) - 1 else shared_text.literal(p) for i, p in enumerate(between)
    )
