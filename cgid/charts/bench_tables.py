"""Two quantisation tables side by side, each step as a number on its shade; steps that differ are framed."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import AI

CELL = 34  # px


def figure(columns: Mapping[str, np.ndarray]) -> alt.FacetChart:
    """columns: table (its name), row, column (0..7), step, differs (True where the two tables do)."""
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    axis = alt.Axis(labelAngle=0, title=None)
    base = alt.Chart(data).encode(
        x=alt.X("column:O", axis=axis),
        y=alt.Y("row:O", axis=axis),
        tooltip=["table", "row", "column", "step"],
    )
    shade = base.mark_rect(strokeWidth=2).encode(
        color=alt.Color("step:Q", scale=alt.Scale(scheme="greys", type="sqrt"), legend=None),
        stroke=alt.condition("datum.differs", alt.value(AI), alt.value("transparent")),
    )
    middle = float(np.sqrt(data["step"].max() or 1)) * 0.55
    number = base.mark_text(fontSize=11).encode(
        text="step:Q",
        color=alt.condition(f"sqrt(datum.step) > {middle:.3f}", alt.value("white"), alt.value("black")),
    )
    layers = (shade + number).properties(width=8 * CELL, height=8 * CELL)
    order = list(dict.fromkeys(data["table"]))
    return layers.facet(column=alt.Column("table:N", title=None, sort=order))
