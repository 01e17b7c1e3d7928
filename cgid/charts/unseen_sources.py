"""How a recipe does on each source it has never seen: a dot and an interval per source and tier, and what it does at home."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

COLOURS = (REAL, AI, "#7a5195")
SHAPES = ("circle", "diamond", "square")
ROW = 26  # px for each tier of a source


def by_source(data: pd.DataFrame, title: str, tiers: list[str], coin: bool) -> alt.LayerChart:
    """data: columns source, tier, value, low, high, home (in-domain value), images (text). A row without value draws nothing.

    Tiers are told apart by place, shape and colour; grey ticks: other images of the sources learnt from. coin: a dashed
    line at 0.5, where guessing lands.
    """
    order = list(dict.fromkeys(data["source"]))
    axis = alt.Axis(labelLimit=240, labelOverlap=False)
    y = alt.Y("source:N", title=None, sort=order, axis=axis, scale=alt.Scale(paddingInner=0.25))
    offset = alt.YOffset("tier:N", sort=tiers)
    scale = alt.Scale(domain=[0, 1])
    below = f"{title} (95 % interval)"
    ticks = alt.Axis(format=".1f" if coin else "%", tickCount=5)
    x = alt.X("value:Q", title=below, scale=scale, axis=ticks)
    legend = {"title": "images", "sort": tiers, "legend": alt.Legend(orient="top")}
    colour = alt.Color("tier:N", scale=alt.Scale(domain=tiers, range=list(COLOURS[: len(tiers)])), **legend)
    shape = alt.Shape("tier:N", scale=alt.Scale(domain=tiers, range=list(SHAPES[: len(tiers)])), **legend)
    figures = [alt.Tooltip(c, format=".3f") for c in ("value", "low", "high")]
    tips = ["source", "tier", *figures, alt.Tooltip("home", format=".3f", title="at home"), "images"]
    whiskers = alt.Chart(data.dropna(subset=["value", "low", "high"])).mark_rule(strokeWidth=3, opacity=0.55)
    whiskers = whiskers.encode(
        x=alt.X("low:Q", scale=scale, title=below, axis=ticks), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dots = alt.Chart(data.dropna(subset=["value"])).mark_point(size=110, filled=True, opacity=1)
    dots = dots.encode(x=x, y=y, yOffset=offset, color=colour, shape=shape, tooltip=tips)
    home = alt.Chart(data.dropna(subset=["home"])).mark_tick(color=MUTED, thickness=3, size=16)
    home = home.encode(x=alt.X("home:Q", scale=scale, title=below, axis=ticks), y=y, yOffset=offset, tooltip=tips)
    layers = [home, whiskers, dots]
    if coin:
        layers.insert(0, alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0.5)))
    return alt.layer(*layers).properties(height=max(1, len(order)) * len(tiers) * ROW + 70)
