"""Histograms: lines of several channels over each other, or bars of one alone, where a comb is seen best."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import MUTED

COLOURS = {"brightness": MUTED, "red": "#c0392b", "green": "#2f9e53", "blue": "#3b82c4"}
DASHES = {"brightness": [1, 0], "red": [6, 2], "green": [2, 2], "blue": [8, 2, 2, 2]}
SCALES = {"linear": {}, "square root": {"type": "sqrt"}, "logarithmic": {"type": "symlog", "constant": 0.001}}


def figure(columns: Mapping[str, np.ndarray], height: int = 360) -> alt.Chart:
    """columns: value 0..255, channel, share (per cent of the pixels), scale (the same word throughout)."""
    data = pd.DataFrame({k: columns[k] for k in ("value", "channel", "share")})
    there = list(dict.fromkeys(data["channel"]))
    several = len(there) > 1
    legend = alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3) if several else None
    chart = alt.Chart(data).encode(
        x=alt.X("value:Q", title="value (0 dark, 255 bright)", scale=alt.Scale(domain=[-0.5, 255.5], nice=False)),
        y=alt.Y("share:Q", title="% of pixels", scale=alt.Scale(**SCALES[str(columns["scale"][0])]), stack=None),
        color=alt.Color("channel:N", title=None, legend=legend, scale=alt.Scale(domain=there, range=[COLOURS.get(c, MUTED) for c in there])),
        tooltip=["channel", "value", alt.Tooltip("share", title="% of pixels", format=".4f")],
    ).properties(height=height)  # fmt: skip
    if not several:
        return chart.mark_bar(width=2)
    dash = alt.Scale(domain=there, range=[DASHES.get(c, [1, 0]) for c in there])
    return chart.mark_line(strokeWidth=1.5).encode(strokeDash=alt.StrokeDash("channel:N", scale=dash, legend=None))
