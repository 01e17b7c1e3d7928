"""Two features against each other: points, or squares where there are too many points, in which a box can be drawn."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.spread import COLOURS

Range = tuple[float, float]


def points(data: pd.DataFrame, x: str, y: str, across: Range, up: Range, height: int = 460) -> alt.Chart:
    """data: x, y, class, row, generator. Selections: `box` ({x: [from, to], y: [from, to]}), `dot` (rows clicked)."""
    there = [k for k in COLOURS if k in set(data["class"])]
    shapes = dict(zip(COLOURS, ("circle", "triangle-up", "square")))
    box = alt.selection_interval(name="box", encodings=["x", "y"])
    dot = alt.selection_point(name="dot", fields=["row"])
    return alt.Chart(data).mark_point(filled=True, opacity=0.55, size=34, clip=True).encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(domain=list(across), nice=False, zero=False)),
        y=alt.Y("y:Q", title=y, scale=alt.Scale(domain=list(up), nice=False, zero=False)),
        color=alt.Color("class:N", title=None, legend=alt.Legend(orient="top"), scale=alt.Scale(domain=there, range=[COLOURS[k] for k in there])),
        shape=alt.Shape("class:N", title=None, scale=alt.Scale(domain=there, range=[shapes[k] for k in there])),
        tooltip=["class", "generator", alt.Tooltip("x", title=x[:40], format=".4g"), alt.Tooltip("y", title=y[:40], format=".4g")],
    ).add_params(box, dot).properties(height=height)  # fmt: skip


def squares(
    xs: np.ndarray, ys: np.ndarray, x: str, y: str, across: Range, up: Range, colour: str, cells: int = 48, height: int = 400
) -> alt.Chart:  # fmt: skip
    """How many images lie in each of cells x cells squares, on a logarithmic scale. Selection: `box`, as in `points`."""
    counts, right, top = np.histogram2d(xs, ys, cells, [across, up])
    i, j = np.nonzero(counts)
    data = pd.DataFrame({"x": right[i], "x2": right[i + 1], "y": top[j], "y2": top[j + 1], "images": counts[i, j]})
    box = alt.selection_interval(name="box", encodings=["x", "y"])
    return alt.Chart(data).mark_rect().encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(domain=list(across), nice=False, zero=False)), x2="x2:Q",
        y=alt.Y("y:Q", title=y, scale=alt.Scale(domain=list(up), nice=False, zero=False)), y2="y2:Q",
        color=alt.value(colour),
        opacity=alt.Opacity("images:Q", scale=alt.Scale(type="log", range=[0.12, 1]), legend=None),
        tooltip=["images", *(alt.Tooltip(c, title=t, format=".4g") for c, t in (("x", "from"), ("x2", "to"), ("y", "from "), ("y2", "to ")))],
    ).add_params(box).properties(height=height)  # fmt: skip
