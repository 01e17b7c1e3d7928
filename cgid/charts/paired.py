"""Two detectors on the same images: differences with intervals, and the matrix of who is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.palette import MUTED, REAL

# Place of an outcome: (row, column).
PLACES = {
    "both_right": ("right", "right"),
    "only_b_wrong": ("right", "wrong"),
    "only_a_wrong": ("wrong", "right"),
    "both_wrong": ("wrong", "wrong"),
}


def differences(rows: Sequence[Mapping[str, Any]], second: str) -> alt.LayerChart:
    """rows: {"figure", "difference", "low", "high"}, second run minus first. Zero is `as good as the other`."""
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
    """counts: {outcome: n} of `cgid.evaluate.agreement`. Rows: the first run right or wrong; columns: the second."""
    total = sum(counts.values())
    data = pd.DataFrame(
        [
            {"first": row, "second": column, "n": counts[key], "share": counts[key] / total if total else 0.0,
             "text": f"{counts[key]}", "detail": f"{counts[key] / total:.0%}" if total else "", "same": (row, column) == ("right", "right")}
            for key, (row, column) in PLACES.items()
        ]
    )  # fmt: skip
    order = ["right", "wrong"]
    axis = {"labelAngle": 0, "titleLimit": 220}
    base = alt.Chart(data).encode(
        x=alt.X("second:N", title=second, sort=order, axis=alt.Axis(orient="top", **axis)),
        y=alt.Y("first:N", title=first, sort=order, axis=alt.Axis(titleLimit=220)),
        tooltip=[alt.Tooltip("first", title=first), alt.Tooltip("second", title=second), "n", alt.Tooltip("share", format=".1%")],
    )  # fmt: skip
    agree, part = (
        base.transform_filter(f"datum.same == {kind}")
        .mark_rect(cornerRadius=6, stroke="#8894a3")
        .encode(color=alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], range=ends), legend=None))
        for kind, ends in (("true", ["#a9cdea", "#1f5fa8"]), ("false", ["#f3cbb8", "#b3431a"]))
    )
    ink = alt.condition("datum.share > 0.45", alt.value("white"), alt.value("#16202c"))
    numbers = base.mark_text(fontSize=26, fontWeight="bold", dy=-8).encode(text="text:N", color=ink)
    words = base.mark_text(fontSize=13, dy=18).encode(text="detail:N", color=ink)
    return alt.layer(agree, part, numbers, words).resolve_scale(color="independent").properties(height=height)
