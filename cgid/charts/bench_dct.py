"""Histogram of one DCT frequency, its expected course, and where the peaks of an earlier rounding would stand."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL


def figure(columns: Mapping[str, np.ndarray]) -> alt.LayerChart:
    """columns: value (of the coefficient), count (height of its bar), expected (NaN: unknown), earlier, blocks."""
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    plain = np.allclose(data["count"], data["blocks"])
    title = "blocks" if plain else "blocks, log10(1 + n)"
    x = alt.X("value:Q", title="strength of the frequency")
    tip = [alt.Tooltip("value:Q"), alt.Tooltip("blocks:Q", title="blocks"), alt.Tooltip("earlier:N", title="marked")]
    bars = alt.Chart(data).mark_bar(size=4).encode(
        x=x,
        y=alt.Y("count:Q", title=title),
        color=alt.condition("datum.earlier", alt.value(AI), alt.value(REAL)),
        tooltip=tip,
    )  # fmt: skip
    chart = bars
    if data["expected"].notna().any():
        chart += alt.Chart(data.dropna(subset="expected")).mark_line(color=MUTED, strokeDash=[4, 3]).encode(
            x=x, y="expected:Q"
        )  # fmt: skip
    if data["earlier"].any():
        # A triangle over each marked bar: told by shape too, not by colour alone.
        chart += alt.Chart(data[data["earlier"]]).mark_point(shape="triangle-down", filled=True, size=45, color=AI).encode(
            x=x, y="count:Q", tooltip=tip, yOffset=alt.value(-8)
        )  # fmt: skip
    return chart.properties(height=260)
