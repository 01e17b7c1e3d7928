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


def history(rows: list[dict], height: int = 240) -> alt.VConcatChart | alt.Chart:
    """rows: the run's history, each {epoch, train_loss, val_loss, …}; losses on top, AUC below where known."""
    data = pd.DataFrame(rows)
    losses = data.melt("epoch", [c for c in ("train_loss", "val_loss") if c in data], "what", "loss").dropna()
    losses["what"] = losses["what"].map({"train_loss": "training images", "val_loss": "validation images"})
    top = _lines(losses, "loss", "loss (lower is better)", height)
    if "val_auc" not in data or data["val_auc"].isna().all():
        return top
    auc = data[["epoch", "val_auc"]].dropna().assign(what="validation images").rename(columns={"val_auc": "auc"})
    return alt.vconcat(top, _lines(auc, "auc", "AUC on validation", height // 2))


def _lines(data: pd.DataFrame, column: str, title: str, height: int) -> alt.Chart:
    return (
        alt.Chart(data)
        .mark_line(point=True)
        .encode(
            x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y(f"{column}:Q", title=title, scale=alt.Scale(zero=False)),
            color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash("what:N", legend=None),
            tooltip=["epoch", "what", alt.Tooltip(column, format=".4f")],
        )
        .properties(height=height, width="container")
    )
