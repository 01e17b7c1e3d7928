"""Rank correlations of features as a heat map whose neighbours are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

SCALE = [[0.0, "#b3431a"], [0.25, "#e5a583"], [0.5, "#f4f4f4"], [0.75, "#8fb8de"], [1.0, "#1f5fa8"]]
MOST_LABELS = 45


def heat(rho: np.ndarray, names: Sequence[str], height: int = 560) -> go.Figure:
    """rho: (f, f) in the order to be drawn, NaN stays blank. Names stand at the axes up to 45 features, else on hover."""
    labelled = len(names) <= MOST_LABELS
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
