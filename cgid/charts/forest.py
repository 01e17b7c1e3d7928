"""Differences with their intervals, one line each: what changes when something is taken away."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import MUTED


def _scale(data: pd.DataFrame) -> alt.Scale:
    """Not from nought, but never so close that a thousandth looks like a difference."""
    edges = data[["mean", "low", "high"]]
    low, high = edges.min(axis=None), edges.max(axis=None)
    if high - low < 0.02:
        return alt.Scale(domain=[max(low - 0.01, 0), min(high + 0.01, 1)], nice=False)
    return alt.Scale(zero=False)


def _height(rows: int) -> int:
    return (40 if rows <= 12 else 24) * rows + 60


def differences(data: pd.DataFrame, metric: str) -> alt.LayerChart:
    """data: columns plan, difference, diff_low, diff_high. Zero is `as good as with everything`."""
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
    """data: columns plan, mean, low, high. The level each plan reaches."""
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
