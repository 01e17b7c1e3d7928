"""Does a stated probability mean what it says? Stated against observed share, with how many images stand behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.palette import MUTED, SEVERITIES

CALIBRATED, RAW = "calibrated", "as the model said it"


X = {"title": "stated probability of AI", "scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%", tickCount=5)}


def reliability(series: Mapping[str, Sequence[Mapping[str, Any]]], height: int = 320) -> alt.LayerChart:
    """series: {CALIBRATED or RAW: table of `cgid.evaluate.calibration.reliability`}, told apart by shape too."""
    rows = pd.DataFrame([{"what": name, **row} for name, table in series.items() for row in table])
    x, title = alt.X("probability:Q", **X), "share that is AI"
    y = alt.Y(
        "observed:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5, minExtent=45)
    )
    names = [CALIBRATED, RAW]
    colour = alt.Color(
        "what:N", title=None, scale=alt.Scale(domain=names, range=[SEVERITIES["passed"], MUTED]),
        legend=alt.Legend(orient="top", labelLimit=300),
    )  # fmt: skip
    shape = alt.Shape("what:N", title=None, scale=alt.Scale(domain=names, range=["circle", "diamond"]))
    ends = pd.DataFrame({"probability": [0.0, 1.0], "observed": [0.0, 1.0]})
    ideal = alt.Chart(ends).mark_line(color=MUTED, strokeDash=[4, 4]).encode(x=x, y=y)
    base = alt.Chart(rows)
    whiskers = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        x=x, y=alt.Y("low:Q", title=title), y2="high:Q", color=colour
    )
    dots = base.mark_point(size=90, filled=True, opacity=1).encode(x=x, y=y, color=colour, shape=shape, tooltip=_tips())
    return (ideal + whiskers + dots).properties(height=height)


def counts(table: Sequence[Mapping[str, Any]], height: int = 150) -> alt.Chart:
    """How many images stand behind each point of one series, at the same place along the axis."""
    rows = pd.DataFrame([{"what": CALIBRATED, **row} for row in table])
    y = alt.Y("n:Q", title="images", axis=alt.Axis(tickCount=3, minExtent=45))
    bars = alt.Chart(rows).mark_bar(size=6, color=MUTED)
    return bars.encode(x=alt.X("probability:Q", **X), y=y, tooltip=_tips()).properties(height=height)


def _tips() -> list:
    return ["what", *(alt.Tooltip(c, format=".1%") for c in ("probability", "observed", "low", "high")), "n"]
