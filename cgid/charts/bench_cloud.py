"""Pixels as points in a colour space, each in its own colour, to be turned with the mouse."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go


def figure(columns: Mapping[str, np.ndarray], height: int = 520) -> go.Figure:
    """columns: x, y, z, colour (#rrggbb), and x_title, y_title, z_title (the same word throughout)."""
    titles = [str(columns[f"{axis}_title"][0]) for axis in "xyz"]
    points = go.Scatter3d(
        **{axis: np.asarray(columns[axis], float).round(1).tolist() for axis in "xyz"},
        mode="markers",
        marker={"size": 2.5, "color": columns["colour"].tolist(), "line": {"width": 0}},
        text=columns["colour"].tolist(),
        hovertemplate="<br>".join(f"{t} %{{{a}}}" for a, t in zip("xyz", titles)) + "<br>%{text}<extra></extra>",
    )
    figure = go.Figure(points)
    axes = {f"{axis}axis": {"title": {"text": title}} for axis, title in zip("xyz", titles)}
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        scene={**axes, "aspectmode": "cube", "camera": {"eye": {"x": 1.5, "y": -1.6, "z": 0.9}}},
    )
    return figure
