"""Precision over recall, and DET: the two other ways to look at all thresholds at once."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

TICKS = (-3.0902, -2.3263, -1.6449, -1.2816, -0.8416, -0.2533, 0.2533, 0.8416, 1.2816, 1.6449, 2.3263, 3.0902)
EDGE = 0.15  # room around the outermost point, in probits


def det(curve: pd.DataFrame, point: tuple[float, float] | None = None, height: int = 300) -> alt.LayerChart:
    """curve: of `cgid.evaluate.det.det`. point: (x, y) in probits at the threshold in use. Axes: probit, said in %."""
    low, high = min(curve["x"].min(), curve["y"].min()), max(curve["x"].max(), curve["y"].max())
    scale = alt.Scale(domain=[float(low) - EDGE, float(high) + EDGE], nice=False, zero=False)
    ticks = [t for t in TICKS if low - EDGE <= t <= high + EDGE]
    axis = alt.Axis(values=ticks, labelExpr="format(cumulativeNormal(datum.value), '.1~%')")
    x = alt.X("x:Q", title="real photos wrongly accused (false positive rate)", scale=scale, axis=axis)
    y = alt.Y("y:Q", title="AI images missed (false negative rate)", scale=scale, axis=axis)
    tips = [alt.Tooltip(c, format=".3f") for c in ("fpr", "fnr", "threshold")]
    line = alt.Chart(curve).mark_line(color=REAL, strokeWidth=2.5, interpolate="step-after").encode(
        x=x, y=y, order=alt.Order("threshold:Q", sort="descending"), tooltip=tips
    )  # fmt: skip
    ends = pd.DataFrame({"x": [float(low), float(high)], "y": [float(low), float(high)]})
    equal = alt.Chart(ends).mark_line(color=MUTED, strokeDash=[4, 4]).encode(x=x, y=y)
    return _with_point(equal + line, point, x, y).properties(height=height)


def precision_recall(
    curve: pd.DataFrame, ai_share: float, point: tuple[float, float] | None = None, height: int = 300
) -> alt.LayerChart:
    """curve: columns recall, precision, threshold. ai_share: what guessing reaches. point: (recall, precision)."""
    unit = alt.Scale(domain=[0, 1])
    x = alt.X("recall:Q", title="AI images caught (recall)", scale=unit, axis=alt.Axis(format="%"))
    y = alt.Y("precision:Q", title="of what is called AI, is AI (precision)", scale=unit, axis=alt.Axis(format="%"))
    tips = [alt.Tooltip(c, format=".3f") for c in ("recall", "precision", "threshold")]
    line = alt.Chart(curve).mark_line(color=REAL, strokeWidth=2.5).encode(
        x=x, y=y, order=alt.Order("threshold:Q", sort="descending"), tooltip=tips
    )  # fmt: skip
    ends = pd.DataFrame({"recall": [0.0, 1.0], "precision": [ai_share, ai_share]})
    guess = alt.Chart(ends).mark_line(color=MUTED, strokeDash=[4, 4]).encode(x=x, y=y)
    return _with_point(guess + line, point, x, y).properties(height=height)


def _with_point(chart: alt.LayerChart, point: tuple[float, float] | None, x: alt.X, y: alt.Y) -> alt.LayerChart:
    if point is None:
        return chart
    here = pd.DataFrame({x.shorthand.split(":")[0]: [point[0]], y.shorthand.split(":")[0]: [point[1]]})
    return chart + alt.Chart(here).mark_point(shape="diamond", size=160, filled=True, color=AI, opacity=1).encode(
        x=x, y=y
    )
