"""Two features against each other, as points or as a 2-D histogram with box selection; correlation heat map."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cgid.charts.distributions import COLOURS

Range = tuple[float, float]


def points(data: pd.DataFrame, x: str, y: str, x_range: Range, y_range: Range, height: int = 460) -> alt.Chart:
    """data: x, y, class, row, generator. Selections: `box` ({x: [from, to], y: [from, to]}), `dot` (rows clicked)."""
    present = [k for k in COLOURS if k in set(data["class"])]
    shapes = dict(zip(COLOURS, ("circle", "triangle-up", "square")))
    box = alt.selection_interval(name="box", encodings=["x", "y"])
    dot = alt.selection_point(name="dot", fields=["row"])
    return alt.Chart(data).mark_point(filled=True, opacity=0.55, size=34, clip=True).encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(domain=list(x_range), nice=False, zero=False)),
        y=alt.Y("y:Q", title=y, scale=alt.Scale(domain=list(y_range), nice=False, zero=False)),
        color=alt.Color("class:N", title=None, legend=alt.Legend(orient="top"), scale=alt.Scale(domain=present, range=[COLOURS[k] for k in present])),
        shape=alt.Shape("class:N", title=None, scale=alt.Scale(domain=present, range=[shapes[k] for k in present])),
        tooltip=["class", "generator", alt.Tooltip("x", title=x[:40], format=".4g"), alt.Tooltip("y", title=y[:40], format=".4g")],
    ).add_params(box, dot).properties(height=height)  # fmt: skip


def density_grid(
    xs: np.ndarray, ys: np.ndarray, x: str, y: str, x_range: Range, y_range: Range, colour: str, cells: int = 48, height: int = 400
) -> alt.Chart:  # fmt: skip
    """2-D histogram of cells x cells bins, on a logarithmic scale. Selection: `box`, as in `points`."""
    counts, right, top = np.histogram2d(xs, ys, cells, [x_range, y_range])
    i, j = np.nonzero(counts)
    data = pd.DataFrame({"x": right[i], "x2": right[i + 1], "y": top[j], "y2": top[j + 1], "images": counts[i, j]})
    box = alt.selection_interval(name="box", encodings=["x", "y"])
    return alt.Chart(data).mark_rect().encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(domain=list(x_range), nice=False, zero=False)), x2="x2:Q",
        y=alt.Y("y:Q", title=y, scale=alt.Scale(domain=list(y_range), nice=False, zero=False)), y2="y2:Q",
        color=alt.value(colour),
        opacity=alt.Opacity("images:Q", scale=alt.Scale(type="log", range=[0.12, 1]), legend=None),
        tooltip=["images", *(alt.Tooltip(c, title=t, format=".4g") for c, t in (("x", "from"), ("x2", "to"), ("y", "from "), ("y2", "to ")))],
    ).add_params(box).properties(height=height)  # fmt: skip


SCALE = [[0.0, "#b3431a"], [0.25, "#e5a583"], [0.5, "#f4f4f4"], [0.75, "#8fb8de"], [1.0, "#1f5fa8"]]
MAX_LABELS = 45


def correlation_heatmap(rho: np.ndarray, names: Sequence[str], height: int = 560) -> go.Figure:
    """rho: (f, f) in display order, NaN is blank. Names are on the axes up to 45 features, else shown on hover."""
    labelled = len(names) <= MAX_LABELS
    short = [n if len(n) <= 26 else n[:25] + "…" for n in names]
    figure = go.Figure(
        go.Heatmap(
            z=np.asarray(rho, np.float32).round(2), x=list(names), y=list(names), zmin=-1, zmax=1, colorscale=SCALE,
            hovertemplate="%{y}<br>%{x}<br>rho %{z:.2f}<extra></extra>",
            colorbar={"title": {"text": "rho"}, "thickness": 12, "tickvals": [-1, -0.5, 0, 0.5, 1]},
        )
    )  # fmt: skip
    ticks = {"showticklabels": labelled, "tickvals": list(names), "ticktext": short, "type": "category", "tickfont": {"size": 10}, "ticks": ""}  # fmt: skip
    figure.update_xaxes(**ticks, tickangle=-60, showgrid=False)
    figure.update_yaxes(**ticks, autorange="reversed", showgrid=False)
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure
