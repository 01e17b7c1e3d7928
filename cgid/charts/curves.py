"""ROC, DET, precision-recall, reliability and loss curves, and the error rates of each fixed threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import AI, MUTED, REAL, SEVERITIES


def roc(curve: pd.DataFrame, point: tuple[float, float] | None = None, height: int = 300) -> alt.LayerChart:
    """curve: columns fpr, tpr, threshold. point: (fpr, tpr) at the threshold in use."""
    x = alt.X("fpr:Q", title="false positive rate (real photos called AI)", axis=alt.Axis(format="%"))
    y = alt.Y("tpr:Q", title="true positive rate (AI images detected)", axis=alt.Axis(format="%"))
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
    epoch 1.5 is half-way through the second; drawn thin, because each is the mean of few images."""
    data = pd.DataFrame([{"epoch": None, "train_loss": None, "val_loss": None}, *rows])
    long = data.melt("epoch", ["train_loss", "val_loss"], "what", "value").dropna()
    long["what"] = long["what"].map({"train_loss": "training images", "val_loss": "validation images"})
    chart = _lines(long.astype({"epoch": float, "value": float}), "loss (lower is better)", height)
    within = pd.DataFrame(steps, columns=["epoch", "loss"]).rename(columns={"loss": "value"}).dropna()
    thin = alt.Chart(within.assign(what="training images")).mark_line(strokeWidth=1, opacity=0.45)
    tips = [
        alt.Tooltip("epoch:Q", format=".2f"),
        alt.Tooltip("value:Q", format=".4f", title="loss since the previous point"),
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


TICKS = (-3.0902, -2.3263, -1.6449, -1.2816, -0.8416, -0.2533, 0.2533, 0.8416, 1.2816, 1.6449, 2.3263, 3.0902)
EDGE = 0.15  # margin around the outermost point, in probits


def det(curve: pd.DataFrame, point: tuple[float, float] | None = None, height: int = 300) -> alt.LayerChart:
    """curve: of `cgid.evaluate.curves.det`. point: (x, y) in probits at the threshold in use. Axes: probit scale, labelled in %."""
    low, high = min(curve["x"].min(), curve["y"].min()), max(curve["x"].max(), curve["y"].max())
    scale = alt.Scale(domain=[float(low) - EDGE, float(high) + EDGE], nice=False, zero=False)
    ticks = [t for t in TICKS if low - EDGE <= t <= high + EDGE]
    axis = alt.Axis(values=ticks, labelExpr="format(cumulativeNormal(datum.value), '.1~%')")
    x = alt.X("x:Q", title="false positive rate (real photos called AI)", scale=scale, axis=axis)
    y = alt.Y("y:Q", title="false negative rate (AI images missed)", scale=scale, axis=axis)
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
    """curve: columns recall, precision, threshold. ai_share: precision at chance level. point: (recall, precision)."""
    unit = alt.Scale(domain=[0, 1])
    x = alt.X("recall:Q", title="recall (AI images detected)", scale=unit, axis=alt.Axis(format="%"))
    y = alt.Y("precision:Q", title="precision (of images called AI)", scale=unit, axis=alt.Axis(format="%"))
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


ERRORS = {"accused": "false positives (real photos called AI)", "missed": "false negatives (AI images missed)"}


def operating_points(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: columns point, error (a value of ERRORS), value, low, high, n. Distinguished by shape and position as well as colour."""
    names = list(ERRORS.values())
    y = alt.Y(
        "point:N", title=None, sort=rows["point"].unique().tolist(), axis=alt.Axis(labelLimit=260, labelOverlap=False)
    )
    title = "rate, 95 % interval"
    x = alt.X("value:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    side = alt.YOffset("error:N", sort=names)
    colour = alt.Color(
        "error:N", title=None, scale=alt.Scale(domain=names, range=[REAL, AI]),
        legend=alt.Legend(orient="top", labelLimit=300, columns=1),
    )  # fmt: skip
    shape = alt.Shape("error:N", title=None, scale=alt.Scale(domain=names, range=["diamond", "circle"]))
    tips = ["point", "error", *(alt.Tooltip(c, format=".1%") for c in ("value", "low", "high")), "n"]
    base = alt.Chart(rows)
    whiskers = base.mark_rule(strokeWidth=3, opacity=0.6).encode(
        x=alt.X("low:Q", title=title), x2="high:Q", y=y, yOffset=side, color=colour
    )
    dots = base.mark_point(size=110, filled=True, opacity=1).encode(
        x=x, y=y, yOffset=side, color=colour, shape=shape, tooltip=tips
    )
    return (whiskers + dots).properties(height=52 * rows["point"].nunique() + 60)


CALIBRATED, RAW = "calibrated", "uncalibrated"


X = {
    "title": "predicted probability of AI",
    "scale": alt.Scale(domain=[0, 1]),
    "axis": alt.Axis(format="%", tickCount=5),
}


def reliability(series: Mapping[str, Sequence[Mapping[str, Any]]], height: int = 320) -> alt.LayerChart:
    """series: {CALIBRATED or RAW: table of `cgid.evaluate.calibration.reliability`}, distinguished by shape as well as colour."""
    rows = pd.DataFrame([{"what": name, **row} for name, table in series.items() for row in table])
    x, title = alt.X("probability:Q", **X), "observed fraction of AI"
    y = alt.Y(
        "observed:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5, minExtent=45)
    )
    names = [CALIBRATED, RAW]
    colour = alt.Color(
        "what:N", title=None, scale=alt.Scale(domain=names, range=[SEVERITIES["passed"], MUTED]),
        legend=alt.Legend(orient="top", labelLimit=300),
    )  # fmt: skip
    shape = alt.Shape("what:N", title=None, scale=alt.Scale(domain=names, range=["circle", "diamond"]))
    ends = pd.DataFrame({"probability": [0.0, 1.0], "observed": [0.0, 1.0]})
    ideal = alt.Chart(ends).mark_line(color=MUTED, strokeDash=[4, 4]).encode(x=x, y=y)
    base = alt.Chart(rows)
    whiskers = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        x=x, y=alt.Y("low:Q", title=title), y2="high:Q", color=colour
    )
    dots = base.mark_point(size=90, filled=True, opacity=1).encode(x=x, y=y, color=colour, shape=shape, tooltip=_tips())
    return (ideal + whiskers + dots).properties(height=height)


def counts(table: Sequence[Mapping[str, Any]], height: int = 150) -> alt.Chart:
    """Number of images of each point of one series, on the same axis."""
    rows = pd.DataFrame([{"what": CALIBRATED, **row} for row in table])
    y = alt.Y("n:Q", title="images", axis=alt.Axis(tickCount=3, minExtent=45))
    bars = alt.Chart(rows).mark_bar(size=6, color=MUTED)
    return bars.encode(x=alt.X("probability:Q", **X), y=y, tooltip=_tips()).properties(height=height)


def _tips() -> list:
    return ["what", *(alt.Tooltip(c, format=".1%") for c in ("probability", "observed", "low", "high")), "n"]
