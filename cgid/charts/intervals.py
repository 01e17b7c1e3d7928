"""Interval charts: differences and means of an ablation, comparison of two detectors, and rankings with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import AI, MUTED, REAL


def _scale(data: pd.DataFrame) -> alt.Scale:
    """A scale that does not start at zero, but spans at least 0.02, so that tiny differences look small."""
    edges = data[["mean", "low", "high"]]
    low, high = edges.min(axis=None), edges.max(axis=None)
    if high - low < 0.02:
        return alt.Scale(domain=[max(low - 0.01, 0), min(high + 0.01, 1)], nice=False)
    return alt.Scale(zero=False)


def _height(rows: int) -> int:
    return (40 if rows <= 12 else 24) * rows + 60


def differences(data: pd.DataFrame, metric: str) -> alt.LayerChart:
    """data: columns plan, difference, diff_low, diff_high. Zero: as good as with all features."""
    y = alt.Y("plan:N", title=None, sort=data["plan"].tolist(), axis=alt.Axis(labelLimit=240, labelOverlap=False))
    title = f"change of {metric} (95 % interval)"
    x = alt.X("difference:Q", title=title)
    zero = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0))
    whiskers = (
        alt.Chart(data)
        .mark_rule(strokeWidth=3, color=MUTED)
        .encode(x=alt.X("diff_low:Q", title=title), x2="diff_high:Q", y=y)
    )
    dots = alt.Chart(data).mark_point(size=140, filled=True, shape="diamond", opacity=1).encode(
        x=x, y=y, tooltip=["plan", alt.Tooltip("difference", format="+.3f"), alt.Tooltip("diff_low", format="+.3f"), alt.Tooltip("diff_high", format="+.3f")]
    )  # fmt: skip
    return (zero + whiskers + dots).properties(height=_height(len(data)))


def levels(data: pd.DataFrame, metric: str) -> alt.LayerChart:
    """data: columns plan, mean, low, high. The mean of each configuration."""
    y = alt.Y("plan:N", title=None, sort=data["plan"].tolist(), axis=alt.Axis(labelLimit=240, labelOverlap=False))
    scale, title = _scale(data), f"{metric} (95 % interval)"
    whiskers = (
        alt.Chart(data)
        .mark_rule(strokeWidth=3, color=MUTED)
        .encode(x=alt.X("low:Q", scale=scale, title=title), x2="high:Q", y=y)
    )
    dots = alt.Chart(data).mark_point(size=140, filled=True, opacity=1).encode(
        x=alt.X("mean:Q", title=title, scale=scale),
        y=y, tooltip=["plan", alt.Tooltip("mean", format=".3f"), alt.Tooltip("low", format=".3f"), alt.Tooltip("high", format=".3f")],
    )  # fmt: skip
    return (whiskers + dots).properties(height=_height(len(data)))


# Cell of an outcome: (row, column).
CELLS = {
    "both_right": ("right", "right"),
    "only_b_wrong": ("right", "wrong"),
    "only_a_wrong": ("wrong", "right"),
    "both_wrong": ("wrong", "wrong"),
}


def paired_differences(rows: Sequence[Mapping[str, Any]], second: str) -> alt.LayerChart:
    """rows: {"figure", "difference", "low", "high"}, second run minus first. Zero: no difference."""
    data = pd.DataFrame(rows, columns=["figure", "difference", "low", "high"]).astype({"low": float, "high": float})
    y = alt.Y("figure:N", title=None, sort=data["figure"].tolist(), axis=alt.Axis(labelLimit=200, labelOverlap=False))
    title = ["difference, 95 % interval", f"right of zero: {second} is better"]
    zero = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0))
    known = data.dropna(subset=["low", "high"])
    whiskers = (
        alt.Chart(known).mark_rule(strokeWidth=3, color=MUTED).encode(x=alt.X("low:Q", title=title), x2="high:Q", y=y)
    )
    tips = ["figure", *(alt.Tooltip(c, format="+.3f") for c in ("difference", "low", "high"))]
    dots = alt.Chart(data).mark_point(size=140, filled=True, shape="diamond", opacity=1, color=REAL).encode(
        x=alt.X("difference:Q", title=title), y=y, tooltip=tips
    )  # fmt: skip
    return (zero + whiskers + dots).properties(height=36 * len(data) + 70)


def agreement(counts: Mapping[str, int], first: str, second: str, height: int = 280) -> alt.LayerChart:
    """counts: {outcome: n} of `cgid.evaluate.comparison`. Rows: the first run right or wrong; columns: the second."""
    total = sum(counts.values())
    data = pd.DataFrame(
        [
            {"first": row, "second": column, "n": counts[key], "share": counts[key] / total if total else 0.0,
             "text": f"{counts[key]}", "detail": f"{counts[key] / total:.0%}" if total else "", "same": (row, column) == ("right", "right")}
            for key, (row, column) in CELLS.items()
        ]
    )  # fmt: skip
    order = ["right", "wrong"]
    axis = {"labelAngle": 0, "titleLimit": 220}
    base = alt.Chart(data).encode(
        x=alt.X("second:N", title=second, sort=order, axis=alt.Axis(orient="top", **axis)),
        y=alt.Y("first:N", title=first, sort=order, axis=alt.Axis(titleLimit=220)),
        tooltip=[alt.Tooltip("first", title=first), alt.Tooltip("second", title=second), "n", alt.Tooltip("share", format=".1%")],
    )  # fmt: skip
    agree, disagree = (
        base.transform_filter(f"datum.same == {kind}")
        .mark_rect(cornerRadius=6, stroke="#8894a3")
        .encode(color=alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], range=ends), legend=None))
        for kind, ends in (("true", ["#a9cdea", "#1f5fa8"]), ("false", ["#f3cbb8", "#b3431a"]))
    )
    ink = alt.condition("datum.share > 0.45", alt.value("white"), alt.value("#16202c"))
    numbers = base.mark_text(fontSize=26, fontWeight="bold", dy=-8).encode(text="text:N", color=ink)
    details = base.mark_text(fontSize=13, dy=18).encode(text="detail:N", color=ink)
    return alt.layer(agree, disagree, numbers, details).resolve_scale(color="independent").properties(height=height)


LABEL_WIDTH = 200  # pixels; leaves room for the chart on a phone
MAX_SPACIOUS_ROWS = 6  # rows up to which the spacing is larger


def ranked(data: pd.DataFrame, title: str, tips: Sequence[str] = (), zero: bool = True) -> alt.LayerChart:
    """data: columns name (unique), value, low, high (may be empty), in display order. tips: further columns."""
    rows = data.assign(towards=["AI" if v > 0 else "real" for v in data["value"]])
    y = alt.Y(
        "name:N",
        title=None,
        sort=rows["name"].tolist(),
        axis=alt.Axis(labelLimit=LABEL_WIDTH, labelOverlap=False, labelFlush=False),
    )
    scale = alt.Scale(zero=zero)
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=5))
    tooltips = ["name", *(alt.Tooltip(c, format="+.3f") for c in ("value", "low", "high")), *tips]
    base = alt.Chart(rows)
    whiskers = base.mark_rule(strokeWidth=3, color=MUTED, opacity=0.7).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q", y=y
    )
    dots = base.mark_point(size=90, filled=True, opacity=1, color=MUTED).encode(x=x, y=y, tooltip=tooltips)
    layers = [whiskers, dots]
    if zero:
        layers.insert(0, alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0)))
    return alt.layer(*layers).properties(height=(24 if len(rows) > MAX_SPACIOUS_ROWS else 40) * len(rows) + 60)


def ranked_by_direction(data: pd.DataFrame, title: str) -> alt.LayerChart:
    """`ranked`, with dots coloured and shaped by direction: right of zero AI, left of it real."""
    chart = ranked(data, title, ("family",))
    names = ["real", "AI"]
    chart.layer[-1] = chart.layer[-1].encode(
        color=alt.Color("towards:N", title="points to", scale=alt.Scale(domain=names, range=[REAL, AI]), legend=alt.Legend(orient="top")),
        shape=alt.Shape("towards:N", title="points to", scale=alt.Scale(domain=names, range=["circle", "diamond"])),
    )  # fmt: skip
    return chart
