"""A ranking with intervals: one line each, the largest on top, zero marked where it means `nothing`."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

LABELS = 200  # pixels: on a phone the picture still has room beside them
FEW = 6  # lines up to which each gets more room


def ranked(data: pd.DataFrame, title: str, tips: Sequence[str] = (), zero: bool = True) -> alt.LayerChart:
    """data: columns name (unique), value, low, high (may be empty), in the order to be drawn. tips: further columns."""
    rows = data.assign(towards=["AI" if v > 0 else "real" for v in data["value"]])
    y = alt.Y(
        "name:N",
        title=None,
        sort=rows["name"].tolist(),
        axis=alt.Axis(labelLimit=LABELS, labelOverlap=False, labelFlush=False),
    )
    scale = alt.Scale(zero=zero)
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=5))
    said = ["name", *(alt.Tooltip(c, format="+.3f") for c in ("value", "low", "high")), *tips]
    base = alt.Chart(rows)
    whiskers = base.mark_rule(strokeWidth=3, color=MUTED, opacity=0.7).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q", y=y
    )
    dots = base.mark_point(size=90, filled=True, opacity=1, color=MUTED).encode(x=x, y=y, tooltip=said)
    layers = [whiskers, dots]
    if zero:
        layers.insert(0, alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0)))
    return alt.layer(*layers).properties(height=(24 if len(rows) > FEW else 40) * len(rows) + 60)


def towards(data: pd.DataFrame, title: str) -> alt.LayerChart:
    """`ranked`, with dots coloured and shaped by the side they speak for: right of zero AI, left of it real."""
    chart = ranked(data, title, ("family",))
    names = ["real", "AI"]
    chart.layer[-1] = chart.layer[-1].encode(
        color=alt.Color("towards:N", title="speaks for", scale=alt.Scale(domain=names, range=[REAL, AI]), legend=alt.Legend(orient="top")),
        shape=alt.Shape("towards:N", title="speaks for", scale=alt.Scale(domain=names, range=["circle", "diamond"])),
    )  # fmt: skip
    return chart
