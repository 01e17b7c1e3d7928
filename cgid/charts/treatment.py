"""The same figure before and after treatments of the images: a dot and an interval each, and the line where guessing lands."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

COLOURS = (AI, "#b8860b", "#7a5195", REAL)
SHAPES = ("circle", "square", "triangle-up", "diamond")
ROW = 24  # px for each treatment of a row


def before_after(data: pd.DataFrame, treatments: Mapping[str, str]) -> alt.LayerChart:
    """data: columns what, treatment (a title), value, low, high (shares 0..1). A row without a value draws nothing.

    treatments: {name: title} in order. A comma in `what` breaks the line. They are told apart by place, shape and colour.
    """
    titles = list(treatments.values())
    order = list(dict.fromkeys(data["what"]))
    y = alt.Y("what:N", title=None, sort=order, axis=alt.Axis(labelLimit=150, labelOverlap=False, labelExpr="split(datum.label, ', ')"),
              scale=alt.Scale(paddingInner=0.25))  # fmt: skip
    offset = alt.YOffset("treatment:N", sort=titles)
    scale = alt.Scale(domain=[0.3, 1], clamp=True)
    title = ["balanced accuracy, 95 % interval", "(dashed: guessing)"]
    axis = alt.Axis(format="%", values=[0.3, 0.5, 0.75, 1])
    legend = {"title": None, "sort": titles, "legend": alt.Legend(orient="top", columns=1, labelLimit=200)}
    colour = alt.Color("treatment:N", scale=alt.Scale(domain=titles, range=list(COLOURS[: len(titles)])), **legend)
    shape = alt.Shape("treatment:N", scale=alt.Scale(domain=titles, range=list(SHAPES[: len(titles)])), **legend)
    tips = ["what", "treatment", *(alt.Tooltip(c, format=".1%") for c in ("value", "low", "high"))]
    whiskers = alt.Chart(data.dropna(subset=["value", "low", "high"])).mark_rule(strokeWidth=3, opacity=0.55)
    whiskers = whiskers.encode(
        x=alt.X("low:Q", scale=scale, title=title, axis=axis), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dots = alt.Chart(data.dropna(subset=["value"])).mark_point(size=110, filled=True, opacity=1)
    dots = dots.encode(
        x=alt.X("value:Q", scale=scale, title=title, axis=axis),
        y=y, yOffset=offset, color=colour, shape=shape, tooltip=tips,
    )  # fmt: skip
    half = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.XDatum(0.5, scale=scale))
    return alt.layer(half, whiskers, dots).properties(height=max(1, len(order)) * len(titles) * ROW + 150)
