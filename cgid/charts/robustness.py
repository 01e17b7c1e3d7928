"""What is left of a detector: a dot per tier, and a curve with its interval band for each kind of damage.

How a recipe does on each source it has never seen: a dot and an interval per source and tier, and what it does at home.

The same figure before and after treatments of the images: a dot and an interval each, and the line where guessing lands.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cgid.charts.theme import AI, MUTED, REAL

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


COLOURS = (REAL, AI, "#7a5195")
SHAPES = ("circle", "diamond", "square")
ROW = 26  # px for each tier of a source


def by_source(data: pd.DataFrame, title: str, tiers: list[str], coin: bool) -> alt.LayerChart:
    """data: columns source, tier, value, low, high, home (in-domain value), images (text). A row without value draws nothing.

    Tiers are told apart by place, shape and colour; grey ticks: other images of the sources learnt from. coin: a dashed
    line at 0.5, where guessing lands.
    """
    order = list(dict.fromkeys(data["source"]))
    axis = alt.Axis(labelLimit=240, labelOverlap=False)
    y = alt.Y("source:N", title=None, sort=order, axis=axis, scale=alt.Scale(paddingInner=0.25))
    offset = alt.YOffset("tier:N", sort=tiers)
    scale = alt.Scale(domain=[0, 1])
    below = f"{title} (95 % interval)"
    ticks = alt.Axis(format=".1f" if coin else "%", tickCount=5)
    x = alt.X("value:Q", title=below, scale=scale, axis=ticks)
    legend = {"title": "images", "sort": tiers, "legend": alt.Legend(orient="top")}
    colour = alt.Color("tier:N", scale=alt.Scale(domain=tiers, range=list(COLOURS[: len(tiers)])), **legend)
    shape = alt.Shape("tier:N", scale=alt.Scale(domain=tiers, range=list(SHAPES[: len(tiers)])), **legend)
    figures = [alt.Tooltip(c, format=".3f") for c in ("value", "low", "high")]
    tips = ["source", "tier", *figures, alt.Tooltip("home", format=".3f", title="at home"), "images"]
    whiskers = alt.Chart(data.dropna(subset=["value", "low", "high"])).mark_rule(strokeWidth=3, opacity=0.55)
    whiskers = whiskers.encode(
        x=alt.X("low:Q", scale=scale, title=below, axis=ticks), x2="high:Q", y=y, yOffset=offset, color=colour
    )
    dots = alt.Chart(data.dropna(subset=["value"])).mark_point(size=110, filled=True, opacity=1)
    dots = dots.encode(x=x, y=y, yOffset=offset, color=colour, shape=shape, tooltip=tips)
    home = alt.Chart(data.dropna(subset=["home"])).mark_tick(color=MUTED, thickness=3, size=16)
    home = home.encode(x=alt.X("home:Q", scale=scale, title=below, axis=ticks), y=y, yOffset=offset, tooltip=tips)
    layers = [home, whiskers, dots]
    if coin:
        layers.insert(0, alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0.5)))
    return alt.layer(*layers).properties(height=max(1, len(order)) * len(tiers) * ROW + 70)


FORMAT_COLOURS = (AI, "#b8860b", "#7a5195", REAL)
FORMAT_SHAPES = ("circle", "square", "triangle-up", "diamond")
FORMAT_ROW_HEIGHT = 24  # px for each treatment of a row


def before_after(data: pd.DataFrame, treatments: Mapping[str, str]) -> alt.LayerChart:
    """data: columns what, treatment (a title), value, low, high (shares 0..1). A row without a value draws nothing.

    treatments: {name: title} in order. A comma in `what` breaks the line. They are told apart by place, shape and colour.
    """
    titles = list(treatments.values())
    order = list(dict.fromkeys(data["what"]))
    y = alt.Y("what:N", title=None, sort=order, axis=alt.Axis(labelLimit=150, labelOverlap=False, labelExpr="split(datum.label, ', ')"),
              scale=alt.Scale(paddingInner=0.25))  # fmt: skip
    offset = alt.YOffset("treatment:N", sort=titles)
    scale = alt.Scale(domain=[0.3, 1], clamp=True)
    title = ["balanced accuracy, 95 % interval", "(dashed: guessing)"]
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
    half = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.XDatum(0.5, scale=scale))
    return alt.layer(half, whiskers, dots).properties(height=max(1, len(order)) * len(titles) * FORMAT_ROW_HEIGHT + 150)
