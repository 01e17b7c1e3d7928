"""At which qualities the blocks of a picture change least when saved again: the peaks name earlier saves."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import AI, REAL


def figure(columns: Mapping[str, np.ndarray]) -> alt.LayerChart:
    """columns: quality, share (of blocks that dip, 0..1, NaN unknown), chosen (True at the slider's quality)."""
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    y = alt.Y("share:Q", title="blocks that dip", axis=alt.Axis(format="%"))
    x = alt.X("quality:Q", title="JPEG quality of the re-save", scale=alt.Scale(zero=False))
    tip = [alt.Tooltip("quality:Q"), alt.Tooltip("share:Q", format=".1%", title="blocks")]
    line = alt.Chart(data).mark_line(color=REAL).encode(x=x, y=y, tooltip=tip)
    here = alt.Chart(data[data["chosen"].astype(bool)]).mark_point(shape="diamond", size=140, filled=True, color=AI)
    return (line + here.encode(x=x, y=y, tooltip=tip)).properties(height=220)
