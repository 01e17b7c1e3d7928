"""What each frozen threshold costs: both errors of each, with their intervals, one line a threshold."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, REAL

ERRORS = {"accused": "real photos wrongly accused", "missed": "AI images missed"}


def operating_points(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: columns point, error (a value of ERRORS), value, low, high, n. Told apart by shape and by place too."""
    names = list(ERRORS.values())
    y = alt.Y(
        "point:N", title=None, sort=rows["point"].unique().tolist(), axis=alt.Axis(labelLimit=260, labelOverlap=False)
    )
    title = "share of its class, 95 % interval"
    x = alt.X("value:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    side = alt.YOffset("error:N", sort=names)
    colour = alt.Color(
        "error:N", title=None, scale=alt.Scale(domain=names, range=[REAL, AI]),
        legend=alt.Legend(orient="top", labelLimit=300, columns=1),
    )  # fmt: skip
    shape = alt.Shape("error:N", title=None, scale=alt.Scale(domain=names, range=["diamond", "circle"]))
    tips = ["point", "error", *(alt.Tooltip(c, format=".1%") for c in ("value", "low", "high")), "n"]
    base = alt.Chart(rows)
    whiskers = base.mark_rule(strokeWidth=3, opacity=0.6).encode(
        x=alt.X("low:Q", title=title), x2="high:Q", y=y, yOffset=side, color=colour
    )
    dots = base.mark_point(size=110, filled=True, opacity=1).encode(
        x=x, y=y, yOffset=side, color=colour, shape=shape, tooltip=tips
    )
    return (whiskers + dots).properties(height=52 * rows["point"].nunique() + 60)
