"""Where one probability lies between real and AI: three zones that carry their names, and a mark for the picture."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

ZONES = {"likely real": REAL, "inconclusive": MUTED, "likely AI": AI}
NARROW = 0.16  # share of the scale below which a zone's name does not fit
INK = "#10161d"  # readable on all three colours in light and dark


def figure(probability: float, low: float, high: float) -> alt.LayerChart:
    """probability, low, high: 0..1; the inconclusive band lies from low to high."""
    low, high = max(0.0, low), min(1.0, high)
    zones = pd.DataFrame({"from": [0.0, low, high], "to": [low, high, 1.0], "zone": list(ZONES)})
    zones = zones[zones["to"] > zones["from"]]
    zones["middle"] = (zones["from"] + zones["to"]) / 2
    zones["name"] = zones["zone"].where(zones["to"] - zones["from"] >= NARROW, "")
    x = alt.X(
        "from:Q", scale=alt.Scale(domain=[0, 1]), title="probability of AI",
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )  # fmt: skip
    colour = alt.Color("zone:N", legend=None, scale=alt.Scale(domain=list(ZONES), range=list(ZONES.values())))
    base = alt.Chart(zones)
    bar = base.mark_bar(height=26).encode(x=x, x2="to:Q", color=colour, tooltip=["zone"])
    names = base.mark_text(color=INK, fontSize=12, fontWeight=600).encode(x="middle:Q", text="name:N")
    here = alt.Chart(pd.DataFrame({"p": [probability]}))
    mark = here.mark_point(shape="triangle-down", size=260, filled=True, color="#d11", opacity=1, yOffset=-22)
    line = here.mark_rule(color=INK, strokeWidth=2)
    return (bar + names + line.encode(x="p:Q") + mark.encode(x="p:Q")).properties(height=118)
