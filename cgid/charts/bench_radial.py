"""The spectrum's mean over all directions: where a picture's detail ends, and whether it rises again at the rim."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import MUTED, REAL


def figure(columns: Mapping[str, np.ndarray], height: int = 220) -> alt.LayerChart:
    """columns: frequency (cycles per px, 0 to 0.5), level (dB); a band `from`, `to` (throughout alike) is shaded."""
    data = pd.DataFrame({k: columns[k] for k in ("frequency", "level")})
    along = {"title": "frequency (cycles per px; 0.5 is the finest)", "scale": alt.Scale(domain=[0, 0.5])}
    x = alt.X("frequency:Q", **along)
    line = alt.Chart(data).mark_line(color=REAL, strokeWidth=2).encode(
        x=x,
        y=alt.Y("level:Q", title="mean log power (dB)", scale=alt.Scale(zero=False)),
        tooltip=[alt.Tooltip("frequency", format=".3f"), alt.Tooltip("level", title="dB", format=".1f")],
    )  # fmt: skip
    eighths = pd.DataFrame({"frequency": [k / 8 for k in range(1, 4)]})
    rules = alt.Chart(eighths).mark_rule(color=MUTED, strokeDash=[3, 3], opacity=0.6).encode(x=x)
    if "from" not in columns:
        return (rules + line).properties(height=height)
    band = pd.DataFrame({name: [min(float(columns[name][0]), 0.5)] for name in ("from", "to")})
    shade = alt.Chart(band).mark_rect(color=REAL, opacity=0.15).encode(x=alt.X("from:Q", **along), x2="to:Q")
    return (shade + rules + line).properties(height=height)
