"""Histograms of the channels with the levels marked that stand out as peaks or gaps."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

MARKS = {"peak": ("triangle-up", AI), "gap": ("triangle-down", REAL)}


def figure(columns: Mapping[str, np.ndarray]) -> alt.FacetChart:
    """columns: channel, level 0..255, pixels, mark ("peak", "gap" or "")."""
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    names = list(MARKS)
    x = alt.X("level:Q", title="level", scale=alt.Scale(domain=[0, 255]))
    tip = ["channel", "level", "pixels", "mark"]
    bars = alt.Chart(data).mark_bar(size=2, color=MUTED).encode(x=x, y=alt.Y("pixels:Q", title="pixels"), tooltip=tip)
    points = (
        alt.Chart(data)
        .transform_filter("datum.mark != ''")
        .mark_point(filled=True, size=28, opacity=1)
        .encode(
            x=x,
            y="pixels:Q",
            tooltip=tip,
            shape=alt.Shape("mark:N", scale=alt.Scale(domain=names, range=[s for s, _ in MARKS.values()]), title=None),
            color=alt.Color("mark:N", scale=alt.Scale(domain=names, range=[c for _, c in MARKS.values()]), title=None),
        )
    )
    layers = (bars + points).properties(height=120, width=520)
    return layers.facet(row=alt.Row("channel:N", title=None, sort=list(dict.fromkeys(data["channel"])))).resolve_scale(
        y="independent"
    )
