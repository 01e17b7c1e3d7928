"""Robustness charts: tiers, degradation curves, results per held-out source, and conditions of format matching."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cgid.charts.theme import AI, MUTED, REAL

# Metrics that share a chart: {metric: (title, colour, shape, dash)}.
LINE_STYLES = {
    "false_positive_rate": ("false positive rate", REAL, "circle", [1, 0]),
    "false_negative_rate": ("false negative rate", AI, "square", [6, 3]),
    "auc": ("AUC", REAL, "circle", [1, 0]),
    "balanced_accuracy": ("balanced accuracy", REAL, "circle", [1, 0]),
}


def domain(points: pd.DataFrame, percent: bool) -> tuple[float, float]:
    """One scale for all charts of a run, so that they are comparable. points: columns value, low, high."""
    every = pd.concat([points["value"], points["low"], points["high"]]).dropna()
    if every.empty:
        return 0.0, 1.0
    return (0.0, min(1.0, max(0.1, float(every.max())))) if percent else (max(0.0, float(every.min()) - 0.02), 1.0)


def tiers(points: pd.DataFrame, order: list[str], scale: tuple[float, float]) -> alt.LayerChart:
    """points: columns name (of the tier), what (a key of LINES), value, low, high."""
    names, colour, shape, _ = _channels(points)
    data = points.assign(line=points["what"].map(names))
    y = alt.Y("name:N", title=None, sort=order, axis=alt.Axis(labelLimit=180, labelOverlap=False))
    percent = "false_positive_rate" in names
    axis = alt.Axis(format="%" if percent else ".2f")
    title = "rate (95 % interval)" if percent else f"{next(iter(names.values()))} (95 % interval)"
    fixed = alt.Scale(domain=list(scale), clamp=True)
    offset = alt.YOffset("line:N", sort=list(names.values())) if len(names) > 1 else alt.Undefined
    known = data.dropna(subset=["low", "high"])
    whiskers = alt.Chart(known).mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", title=title, axis=axis, scale=fixed), x2="high:Q", y=y, yOffset=offset, color=colour
    )  # fmt: skip
    dots = alt.Chart(data).mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X("value:Q", title=title, axis=axis, scale=fixed),
        y=y, yOffset=offset, color=colour, shape=shape, tooltip=_tooltips("name"),
    )  # fmt: skip
    return (whiskers + dots).properties(height=64 * len(order) + 120)


def curve(
    points: pd.DataFrame, clean: pd.DataFrame, unit: str, falling: bool, scale: tuple[float, float], height: int = 280
) -> alt.LayerChart:
    """points: columns title, level, what, value, low, high, from mild to severe; clean: what, value of the
    unmodified images. falling: lower levels are more severe, so the axis is reversed: severity increases to the right."""
    names, colour, shape, dash = _channels(points, legend=False)
    data = points.assign(line=points["what"].map(names))
    levels = [float(v) for v in pd.unique(data["level"])]
    percent = "false_positive_rate" in names
    axis = alt.Axis(
        values=levels, labelOverlap=True, format="~%" if max(levels) <= 1 else ".2~f", labelAngle=0, grid=False
    )
    x = alt.X(
        "level:Q", title=unit, axis=axis,
        scale=alt.Scale(reverse=falling, zero=False, nice=False, padding=10),
    )  # fmt: skip
    fixed = alt.Scale(domain=list(scale), clamp=True)
    title = "rate" if percent else next(iter(names.values()))
    y = alt.Y("value:Q", title=title, scale=fixed, axis=alt.Axis(format="%" if percent else ".2f"))
    interval = alt.Chart(data.dropna(subset=["low", "high"])).mark_area(opacity=0.2).encode(
        x=x, y=alt.Y("low:Q", title=title, scale=fixed), y2="high:Q", color=colour
    )  # fmt: skip
    line = alt.Chart(data).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    dots = alt.Chart(data).mark_point(size=70, filled=True, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape, tooltip=_tooltips("title")
    )  # fmt: skip
    reference = alt.Chart(clean.dropna(subset=["value"]).assign(line=clean["what"].map(names))).mark_rule(
        strokeDash=[2, 4], strokeWidth=1.5
    ).encode(y=alt.Y("value:Q", title=title, scale=fixed), color=colour)  # fmt: skip
    return alt.layer(interval, reference, line, dots).properties(height=height)


def _channels(points: pd.DataFrame, legend: bool = True) -> tuple[dict[str, str], alt.Color, alt.Shape, alt.StrokeDash]:
    """({metric: title}, colour, shape, dash): lines are distinguished by all three, not only by colour."""
    shown = {key: LINE_STYLES[key] for key in LINE_STYLES if (points["what"] == key).any()}
    names = {key: line[0] for key, line in shown.items()}
    key = alt.Legend(orient="top", direction="vertical", labelLimit=260) if legend and len(shown) > 1 else None
    order = list(names.values())
    scales = [alt.Scale(domain=order, range=[line[k] for line in shown.values()]) for k in (1, 2, 3)]
    return (
        names,
        alt.Color("line:N", title=None, scale=scales[0], legend=key),
        alt.Shape("line:N", title=None, scale=scales[1], legend=key),
        alt.StrokeDash("line:N", title=None, scale=scales[2], legend=key),
    )


def _tooltips(first: str) -> list:
    return [alt.Tooltip(first, title=" "), alt.Tooltip("line", title="metric")] + [
        alt.Tooltip(c, format=".3f") for c in ("value", "low", "high")
    ]


COLOURS = (REAL, AI, "#7a5195")
SHAPES = ("circle", "diamond", "square")
ROW = 26  # px for each tier of a source


def by_source(data: pd.DataFrame, title: str, tiers: list[str], chance_line: bool) -> alt.LayerChart:
    """data: columns source, tier, value, low, high, home (in-distribution value), images (text). Rows without value are not
    drawn.

    Tiers differ in position, shape and colour; grey ticks: other images of the training sources. chance_line: a dashed
    line at 0.5, chance level.
    """
    order = list(dict.fromkeys(data["source"]))
    axis = alt.Axis(labelLimit=240, labelOverlap=False)
    y = alt.Y("source:N", title=None, sort=order, axis=axis, scale=alt.Scale(paddingInner=0.25))
    offset = alt.YOffset("tier:N", sort=tiers)
    scale = alt.Scale(domain=[0, 1])
    x_title = f"{title} (95 % interval)"
    ticks = alt.Axis(format=".1f" if chance_line else "%", tickCount=5)
    x = alt.X("value:Q", title=x_title, scale=scale, axis=ticks)
    legend = {"title": "images", "sort": tiers, "legend": alt.Legend(orient="top")}
    colour = alt.Color("tier:N", scale=alt.Scale(domain=tiers, range=list(COLOURS[: len(tiers)])), **legend)
    shape = alt.Shape("tier:N", scale=alt.Scale(domain=tiers, range=list(SHAPES[: len(tiers)])), **legend)
    tooltips = [alt.Tooltip(c, format=".3f") for c in ("value", "low", "high")]
    tips = ["source", "tier", *tooltips, alt.Tooltip("home", format=".3f", title="in-distribution"), "images"]
    whiskers = alt.Chart(data.dropna(subset=["value", "low", "high"])).mark_rule(strokeWidth=3, opacity=0.55)
    whiskers = whiskers.encode(
        x=alt.X("low:Q", scale=scale, title=x_title, axis=ticks), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dots = alt.Chart(data.dropna(subset=["value"])).mark_point(size=110, filled=True, opacity=1)
    dots = dots.encode(x=x, y=y, yOffset=offset, color=colour, shape=shape, tooltip=tips)
    in_domain = alt.Chart(data.dropna(subset=["home"])).mark_tick(color=MUTED, thickness=3, size=16)
    in_domain = in_domain.encode(
        x=alt.X("home:Q", scale=scale, title=x_title, axis=ticks), y=y, yOffset=offset, tooltip=tips
    )
    layers = [in_domain, whiskers, dots]
    if chance_line:
        layers.insert(0, alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0.5)))
    return alt.layer(*layers).properties(height=max(1, len(order)) * len(tiers) * ROW + 70)


FORMAT_COLOURS = (AI, "#b8860b", "#7a5195", REAL)
FORMAT_SHAPES = ("circle", "square", "triangle-up", "diamond")
FORMAT_ROW_HEIGHT = 24  # px for each condition of a row


def format_comparison(data: pd.DataFrame, conditions: Mapping[str, str]) -> alt.LayerChart:
    """data: columns `what`, `treatment` (a title), `value`, low, high (fractions 0..1). Rows without value are not drawn.

    conditions: {name: title} in order. A comma in `what` breaks the line. They differ in position, shape and colour.
    """
    titles = list(conditions.values())
    order = list(dict.fromkeys(data["what"]))
    y = alt.Y("what:N", title=None, sort=order, axis=alt.Axis(labelLimit=150, labelOverlap=False, labelExpr="split(datum.label, ', ')"),
              scale=alt.Scale(paddingInner=0.25))  # fmt: skip
    offset = alt.YOffset("treatment:N", sort=titles)
    scale = alt.Scale(domain=[0.3, 1], clamp=True)
    title = ["balanced accuracy, 95 % interval", "(dashed: chance level)"]
    axis = alt.Axis(format="%", values=[0.3, 0.5, 0.75, 1])
    legend = {"title": None, "sort": titles, "legend": alt.Legend(orient="top", columns=1, labelLimit=200)}
    colour = alt.Color(
        "treatment:N", scale=alt.Scale(domain=titles, range=list(FORMAT_COLOURS[: len(titles)])), **legend
    )
    shape = alt.Shape("treatment:N", scale=alt.Scale(domain=titles, range=list(FORMAT_SHAPES[: len(titles)])), **legend)
    tips = ["what", "treatment", *(alt.Tooltip(c, format=".1%") for c in ("value", "low", "high"))]
    whiskers = alt.Chart(data.dropna(subset=["value", "low", "high"])).mark_rule(strokeWidth=3, opacity=0.55)
    whiskers = whiskers.encode(
        x=alt.X("low:Q", scale=scale, title=title, axis=axis), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dots = alt.Chart(data.dropna(subset=["value"])).mark_point(size=110, filled=True, opacity=1)
    dots = dots.encode(
        x=alt.X("value:Q", scale=scale, title=title, axis=axis),
        y=y, yOffset=offset, color=colour, shape=shape, tooltip=tips,
    )  # fmt: skip
    chance = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.XDatum(0.5, scale=scale))
    return alt.layer(chance, whiskers, dots).properties(
        height=max(1, len(order)) * len(titles) * FORMAT_ROW_HEIGHT + 150
    )
