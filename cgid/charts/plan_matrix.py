"""Every set of features under every kind of model: a grid of figures, darker where they are higher, each with its number."""

from __future__ import annotations

import altair as alt
import pandas as pd

LIGHT, DARK = "#e3edf7", "#1f5fa8"


def grid(data: pd.DataFrame, metric: str) -> alt.LayerChart:
    """data: columns plan, model, mean, low, high, difference, p_holm. A triangle marks a change that is more than chance."""
    shown = data.assign(figure=[_figure(row) for _, row in data.iterrows()])
    low, high = float(shown["mean"].min()), float(shown["mean"].max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    base = alt.Chart(shown).encode(
        x=alt.X("model:N", title=None, sort=None, axis=alt.Axis(orient="top", labelAngle=0, labelAlign="center", labelExpr="split(datum.label, ' ')", ticks=False)),
        y=alt.Y("plan:N", title=None, sort=None, axis=alt.Axis(labelLimit=240, labelOverlap=False, ticks=False)),
        tooltip=["plan", "model", *(alt.Tooltip(n, format=".3f") for n in ("mean", "low", "high")),
                 alt.Tooltip("difference", format="+.3f")],
    )  # fmt: skip
    colour = alt.Color(
        "mean:Q",
        scale=alt.Scale(domain=[low, high], range=[LIGHT, DARK]),
        legend=alt.Legend(title=metric, orient="bottom", gradientLength=160),
    )
    middle = (low + high) / 2
    ink = alt.when(alt.datum.mean > middle).then(alt.value("#ffffff")).otherwise(alt.value("#10243a"))
    cells = base.mark_rect(cornerRadius=2, stroke="#ffffff", strokeOpacity=0.5).encode(color=colour)
    return (cells + base.mark_text(fontSize=13).encode(text="figure:N", color=ink)).properties(
        height=26 * shown["plan"].nunique() + 90
    )


def _figure(row: pd.Series) -> str:
    if row["mean"] != row["mean"]:
        return "n/a"
    sure = row["p_holm"] <= 0.05
    return f"{row['mean']:.3f}" + (" \N{BLACK DOWN-POINTING SMALL TRIANGLE}" if sure and row["difference"] < 0 else " \N{BLACK UP-POINTING SMALL TRIANGLE}" if sure else "")  # fmt: skip
