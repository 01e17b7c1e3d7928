"""Curves over a threshold, and over the epochs of a training."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL


def roc(curve: pd.DataFrame, point: tuple[float, float] | None = None, height: int = 300) -> alt.LayerChart:
    """curve: columns fpr, tpr, threshold. point: (fpr, tpr) at the threshold in use."""
    x = alt.X("fpr:Q", title="real photos wrongly accused (false positive rate)", axis=alt.Axis(format="%"))
    y = alt.Y("tpr:Q", title="AI images caught (true positive rate)", axis=alt.Axis(format="%"))
    line = alt.Chart(curve).mark_line(color=REAL, strokeWidth=2.5).encode(
        x=x, y=y, order="tpr:Q", tooltip=[alt.Tooltip(c, format=".3f") for c in ("fpr", "tpr", "threshold")]
    )  # fmt: skip
    guess = pd.DataFrame({"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]})
    chart = alt.Chart(guess).mark_line(color=MUTED, strokeDash=[4, 4]).encode(x=x, y=y) + line
    if point:
        here = pd.DataFrame({"fpr": [point[0]], "tpr": [point[1]]})
        chart += alt.Chart(here).mark_point(shape="diamond", size=160, filled=True, color=AI).encode(x=x, y=y)
    return chart.properties(height=height)


def losses(rows: list[dict], steps: list[dict], height: int = 280) -> alt.LayerChart:
    """rows: a run's history, each {epoch, train_loss, val_loss}. steps: points within epochs, each {epoch, loss}, where
    epoch 1.5 is half of the second one done; drawn thin, since each is the mean of few images."""
    data = pd.DataFrame([{"epoch": None, "train_loss": None, "val_loss": None}, *rows])
    long = data.melt("epoch", ["train_loss", "val_loss"], "what", "value").dropna()
    long["what"] = long["what"].map({"train_loss": "training images", "val_loss": "validation images"})
    chart = _lines(long.astype({"epoch": float, "value": float}), "loss (lower is better)", height)
    within = pd.DataFrame(steps, columns=["epoch", "loss"]).rename(columns={"loss": "value"}).dropna()
    thin = alt.Chart(within.assign(what="training images")).mark_line(strokeWidth=1, opacity=0.45)
    tips = [
        alt.Tooltip("epoch:Q", format=".2f"),
        alt.Tooltip("value:Q", format=".4f", title="loss since the point before"),
    ]
    thin = thin.encode(x="epoch:Q", y="value:Q", color="what:N", tooltip=tips)
    return (thin + chart).properties(height=height)


def over_epochs(points: list[dict], column: str, title: str, height: int = 180) -> alt.Chart | None:
    """One quantity of points {epoch, column}; None where none is known."""
    data = pd.DataFrame(points, columns=["epoch", column]).dropna()
    if data.empty:
        return None
    data = data.rename(columns={column: "value"}).assign(what=title)
    lines = _lines(data.astype({"epoch": float, "value": float}), title, height, legend=False)
    return lines.properties(title=alt.Title(title, fontSize=12, fontWeight="normal", anchor="start"))


def _lines(data: pd.DataFrame, title: str, height: int, legend: bool = True) -> alt.Chart:
    shown = alt.Legend(orient="top") if legend else None
    y = alt.Y("value:Q", title=title if legend else None, scale=alt.Scale(zero=False))
    return (
        alt.Chart(data)
        .mark_line(point=len(data) < 60)
        .encode(
            x=alt.X("epoch:Q", title="epochs done", axis=alt.Axis(tickMinStep=1)),
            y=y,
            color=alt.Color("what:N", title=None, legend=shown, scale=alt.Scale(range=[REAL, AI])),
            strokeDash=alt.StrokeDash("what:N", legend=None),
            tooltip=[alt.Tooltip("epoch:Q", format=".3~g"), "what", alt.Tooltip("value:Q", format=".4~g", title=title)],
        )
        .properties(height=height)
    )
