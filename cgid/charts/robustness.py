"""What is left of a detector: a dot per tier, and a curve with its interval band for each kind of damage."""

from __future__ import annotations

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, REAL

# What may stand in one picture: {measure: (name of its line, colour, shape, dash)}.
LINES = {
    "false_positive_rate": ("real photos wrongly accused", REAL, "circle", [1, 0]),
    "false_negative_rate": ("AI images missed", AI, "square", [6, 3]),
    "auc": ("AUC", REAL, "circle", [1, 0]),
    "balanced_accuracy": ("balanced accuracy", REAL, "circle", [1, 0]),
}


def domain(points: pd.DataFrame, percent: bool) -> tuple[float, float]:
    """One scale for all pictures of a run, so that they may be compared. points: columns value, low, high."""
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
    title = "share (95 % interval)" if percent else f"{next(iter(names.values()))} (95 % interval)"
    fixed = alt.Scale(domain=list(scale), clamp=True)
    offset = alt.YOffset("line:N", sort=list(names.values())) if len(names) > 1 else alt.Undefined
    known = data.dropna(subset=["low", "high"])
    whiskers = alt.Chart(known).mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", title=title, axis=axis, scale=fixed), x2="high:Q", y=y, yOffset=offset, color=colour
    )  # fmt: skip
    dots = alt.Chart(data).mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X("value:Q", title=title, axis=axis, scale=fixed),
        y=y, yOffset=offset, color=colour, shape=shape, tooltip=_tips("name"),
    )  # fmt: skip
    return (whiskers + dots).properties(height=64 * len(order) + 120)


def curve(
    points: pd.DataFrame, clean: pd.DataFrame, unit: str, falling: bool, scale: tuple[float, float], height: int = 280
) -> alt.LayerChart:
    """points: columns title, level, what, value, low, high, from mild to severe; clean: what, value of the images as
    they are. falling: a lower level is more severe, so the axis runs downwards: damage always grows to the right."""
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
    title = "share of images" if percent else next(iter(names.values()))
    y = alt.Y("value:Q", title=title, scale=fixed, axis=alt.Axis(format="%" if percent else ".2f"))
    band = alt.Chart(data.dropna(subset=["low", "high"])).mark_area(opacity=0.2).encode(
        x=x, y=alt.Y("low:Q", title=title, scale=fixed), y2="high:Q", color=colour
    )  # fmt: skip
    line = alt.Chart(data).mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    dots = alt.Chart(data).mark_point(size=70, filled=True, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape, tooltip=_tips("title")
    )  # fmt: skip
    before = alt.Chart(clean.dropna(subset=["value"]).assign(line=clean["what"].map(names))).mark_rule(
        strokeDash=[2, 4], strokeWidth=1.5
    ).encode(y=alt.Y("value:Q", title=title, scale=fixed), color=colour)  # fmt: skip
    return alt.layer(band, before, line, dots).properties(height=height)


def _channels(points: pd.DataFrame, legend: bool = True) -> tuple[dict[str, str], alt.Color, alt.Shape, alt.StrokeDash]:
    """({measure: line}, colour, shape, dash): a line is told by three things, its colour is only one of them."""
    shown = {key: LINES[key] for key in LINES if (points["what"] == key).any()}
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


def _tips(first: str) -> list:
    return [alt.Tooltip(first, title=" "), alt.Tooltip("line", title="figure")] + [
        alt.Tooltip(c, format=".3f") for c in ("value", "low", "high")
    ]
