"""Leakage charts: features ranked by how well each predicts the label alone, family probes, and the ablation grid."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.theme import MUTED, SEVERITIES


def ranked(report: pd.DataFrame, top: int = 30) -> alt.LayerChart:
    """report: feature_leakage_report.csv. Bars of AUC from 0.5 with intervals; dashed line at 0.95."""
    data = report.dropna(subset=["auc"]).nlargest(top, "auc").copy()
    data["severity"] = data["severity"].fillna("none")
    order = data["feature"].tolist()
    y = alt.Y("feature:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, labelOverlap=False))
    pick = alt.selection_point(name="feature", fields=["feature"])
    scale = alt.Scale(domain=[0.5, 1.0])
    bars = (
        alt.Chart(data)
        .mark_bar(height=12)
        .encode(
            x=alt.X("auc:Q", title="AUC of this feature alone", scale=scale),
            x2=alt.X2Datum(0.5),
            y=y,
            color=alt.Color("severity:N", title="finding", legend=alt.Legend(orient="top"),
                            scale=alt.Scale(domain=["issue", "warning", "none"], range=[SEVERITIES[s] for s in ("issue", "warning", "none")])),
            opacity=alt.condition(pick, alt.value(1), alt.value(0.35)),
            tooltip=["feature", "family", alt.Tooltip("auc", format=".3f"), alt.Tooltip("auc_low", format=".3f"),
                     alt.Tooltip("auc_high", format=".3f"), "single_feature_rule",
                     alt.Tooltip("single_feature_best_accuracy", format=".1%"), "severity"],
        )
        .add_params(pick)
    )  # fmt: skip
    whiskers = alt.Chart(data).mark_rule(color=MUTED, strokeWidth=2, clip=True).encode(
        x=alt.X("auc_low:Q", scale=scale), x2="auc_high:Q", y=y
    )  # fmt: skip
    line = (
        alt.Chart()
        .mark_rule(strokeDash=[6, 4], color=SEVERITIES["issue"], strokeWidth=2)
        .encode(x=alt.XDatum(0.95, scale=scale))
    )
    return (bars + whiskers + line).properties(height=22 * len(data) + 110)


def probes(families: pd.DataFrame) -> alt.LayerChart:
    """families: columns family, balanced_accuracy, low, high. Performance of a small model of one family alone."""
    y = alt.Y("family:N", title=None, sort="-x")
    scale = alt.Scale(domain=[0.3, 1.0], clamp=True)
    dots = alt.Chart(families).mark_point(size=120, filled=True, opacity=1).encode(
        x=alt.X("balanced_accuracy:Q", title="balanced accuracy of this family alone", scale=scale),
        y=y, tooltip=["family", alt.Tooltip("balanced_accuracy", format=".3f")],
    )  # fmt: skip
    whiskers = alt.Chart(families).mark_rule(strokeWidth=2, color=MUTED).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y
    )  # fmt: skip
    half = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.XDatum(0.5, scale=scale))
    return (half + whiskers + dots).properties(height=36 * len(families) + 60)


LIGHT, DARK = "#e3edf7", "#1f5fa8"


def grid(data: pd.DataFrame, metric: str) -> alt.LayerChart:
    """data: columns plan, model, mean, low, high, difference, p_holm. A heat map with values; triangles mark significant changes."""
    shown = data.assign(figure=[_cell_text(row) for _, row in data.iterrows()])
    low, high = float(shown["mean"].min()), float(shown["mean"].max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    base = alt.Chart(shown).encode(
        x=alt.X("model:N", title=None, sort=None, axis=alt.Axis(orient="top", labelAngle=0, labelAlign="center", labelExpr="split(datum.label, ' ')", ticks=False)),
        y=alt.Y("plan:N", title=None, sort=None, axis=alt.Axis(labelLimit=240, labelOverlap=False, ticks=False)),
        tooltip=["plan", "model", *(alt.Tooltip(n, format=".3f") for n in ("mean", "low", "high")),
                 alt.Tooltip("difference", format="+.3f")],
    )  # fmt: skip
    colour = alt.Color(
        "mean:Q",
        scale=alt.Scale(domain=[low, high], range=[LIGHT, DARK]),
        legend=alt.Legend(title=metric, orient="bottom", gradientLength=160),
    )
    midpoint = (low + high) / 2
    text_colour = alt.when(alt.datum.mean > midpoint).then(alt.value("#ffffff")).otherwise(alt.value("#10243a"))
    cells = base.mark_rect(cornerRadius=2, stroke="#ffffff", strokeOpacity=0.5).encode(color=colour)
    return (cells + base.mark_text(fontSize=13).encode(text="figure:N", color=text_colour)).properties(
        height=26 * shown["plan"].nunique() + 90
    )


def _cell_text(row: pd.Series) -> str:
    if row["mean"] != row["mean"]:
        return "n/a"
    significant = row["p_holm"] <= 0.05
    return f"{row['mean']:.3f}" + (" \N{BLACK DOWN-POINTING SMALL TRIANGLE}" if significant and row["difference"] < 0 else " \N{BLACK UP-POINTING SMALL TRIANGLE}" if significant else "")  # fmt: skip
