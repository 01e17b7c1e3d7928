"""How often each feature has no value, in photos and in AI images."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, CLASS_NAMES, MUTED, REAL


def dumbbells(data: pd.DataFrame) -> alt.LayerChart:
    """data: name, real, ai (shares 0..1), in the order to be drawn. A long line is a gap that a model can learn."""
    names = list(CLASS_NAMES.values())
    y = alt.Y("name:N", sort=data["name"].tolist(), title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False))
    scale = alt.Scale(domain=[0, 1])
    lines = alt.Chart(data).mark_rule(strokeWidth=3, color=MUTED).encode(
        x=alt.X("real:Q", title="images without a value", scale=scale, axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])),
        x2="ai:Q", y=y,
    )  # fmt: skip
    ends = data.rename(columns={"real": names[0], "ai": names[1]}).melt(["name", "features"], names, "class", "share")
    dots = alt.Chart(ends).mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X("share:Q", scale=scale), y=y,
        color=alt.Color("class:N", title=None, scale=alt.Scale(domain=names, range=[REAL, AI]), legend=alt.Legend(orient="top")),
        shape=alt.Shape("class:N", title=None, scale=alt.Scale(domain=names, range=["circle", "triangle-up"])),
        tooltip=["name", "class", alt.Tooltip("share", format=".1%"), "features"],
    )  # fmt: skip
    return (lines + dots).properties(height=28 * len(data) + 120)
