"""How a number is spread over real photos and AI images."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import CLASS_COLOURS, CLASS_NAMES, MUTED


def binned(values: np.ndarray, label: np.ndarray, bins: int = 40, low=None, high=None) -> pd.DataFrame:
    """Histogram rows {start, end, class, share} with shares of each class; outliers fall into the last bins."""
    values, label = np.asarray(values, float), np.asarray(label)
    keep = np.isfinite(values)
    values, label = values[keep], label[keep]
    if not len(values):
        return pd.DataFrame(columns=["start", "end", "class", "share"])
    low = float(np.quantile(values, 0.005)) if low is None else low
    high = float(np.quantile(values, 0.995)) if high is None else high
    if high <= low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    rows = []
    for code, name in enumerate(CLASS_NAMES.values()):
        mine = np.clip(values[label == code], low, high)
        counts, _ = np.histogram(mine, edges)
        part = counts / max(1, len(mine))
        rows += [{"start": a, "end": b, "class": name, "share": s} for a, b, s in zip(edges, edges[1:], part)]
    return pd.DataFrame(rows)


def by_class(
    data: pd.DataFrame, title: str, marks: dict[str, float] | None = None, height: int = 180
) -> alt.LayerChart:
    """data from `binned`. Real photos upwards, AI images downwards, so that place and not only colour tells them apart.

    marks: {name: value} of dashed lines.
    """
    names = list(CLASS_NAMES.values())
    data = data.assign(signed=data["share"].where(data["class"] == names[0], -data["share"]))
    x = alt.X("start:Q", title=title, scale=alt.Scale(zero=False), bin="binned")
    chart = alt.Chart(data).mark_bar().encode(
        x=x, x2="end:Q",
        y=alt.Y("signed:Q", title="real ↑ share ↓ AI", axis=alt.Axis(format="%", tickCount=5, labelExpr="replace(datum.label, '−', '')")),
        color=alt.Color("class:N", scale=alt.Scale(domain=names, range=list(CLASS_COLOURS)), title=None, legend=alt.Legend(orient="top")),
        tooltip=["class", alt.Tooltip("start", format=".4g"), alt.Tooltip("end", format=".4g"), alt.Tooltip("share", format=".1%")],
    )  # fmt: skip
    if marks:
        lines = pd.DataFrame({"name": list(marks), "value": list(marks.values())})
        chart += alt.Chart(lines).mark_rule(color=MUTED, strokeDash=[5, 3], strokeWidth=2).encode(
            x="value:Q", tooltip=["name", alt.Tooltip("value", format=".4g")]
        )  # fmt: skip
    return chart.properties(height=height)
