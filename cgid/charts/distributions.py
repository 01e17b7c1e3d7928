"""Distribution charts: a value by class, and one feature over several groups of images (violins, histograms, ECDF)."""

from __future__ import annotations

import json
from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.theme import AI, CLASS_COLOURS, CLASS_NAMES, MUTED, REAL
from cgid.evaluate.distributions import density, ecdf, quartiles


def binned(values: np.ndarray, label: np.ndarray, bins: int = 40, low=None, high=None) -> pd.DataFrame:
    """Histogram rows {start, end, class, share}, normalised per class; outliers are counted in the outermost bins."""
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
        clipped = np.clip(values[label == code], low, high)
        counts, _ = np.histogram(clipped, edges)
        fractions = counts / max(1, len(clipped))
        rows += [{"start": a, "end": b, "class": name, "share": s} for a, b, s in zip(edges, edges[1:], fractions)]
    return pd.DataFrame(rows)


def by_class(
    data: pd.DataFrame, title: str, marks: dict[str, float] | None = None, height: int = 180
) -> alt.LayerChart:
    """data from `binned`. Real photos upwards, AI images downwards, so that position as well as colour distinguishes them.

    marks: {name: value} of dashed lines.
    """
    names = list(CLASS_NAMES.values())
    data = data.assign(signed=data["share"].where(data["class"] == names[0], -data["share"]))
    x = alt.X("start:Q", title=title, scale=alt.Scale(zero=False), bin="binned")
    chart = alt.Chart(data).mark_bar().encode(
        x=x, x2="end:Q",
        y=alt.Y("signed:Q", title="real ↑ fraction ↓ AI", axis=alt.Axis(format="%", tickCount=5, labelExpr="replace(datum.label, '−', '')")),
        color=alt.Color("class:N", scale=alt.Scale(domain=names, range=list(CLASS_COLOURS)), title=None, legend=alt.Legend(orient="top")),
        tooltip=["class", alt.Tooltip("start", format=".4g"), alt.Tooltip("end", format=".4g"), alt.Tooltip("share", format=".1%")],
    )  # fmt: skip
    if marks:
        lines = pd.DataFrame({"name": list(marks), "value": list(marks.values())})
        chart += alt.Chart(lines).mark_rule(color=MUTED, strokeDash=[5, 3], strokeWidth=2).encode(
            x="value:Q", tooltip=["name", alt.Tooltip("value", format=".4g")]
        )  # fmt: skip
    return chart.properties(height=height)


COLOURS = {CLASS_NAMES["real"]: REAL, CLASS_NAMES["ai"]: AI, "No label": MUTED}
Groups = Mapping[str, tuple[str, np.ndarray]]
"""{name: (class name, values)}, from top to bottom."""


def violins(groups: Groups, title: str, low: float, high: float) -> alt.LayerChart:
    """A violin per group over low..high, all of equal area; bar from quartile to quartile, dot at the median."""
    rows, medians = [], []
    for at, (name, (kind, values)) in enumerate(groups.items()):
        x, height = density(values, low, high)
        rows.append(pd.DataFrame({"x": x, "height": height, "group": name, "class": kind, "at": at}))
        lower, median, upper = quartiles(values)
        medians.append({"x": median, "lower": lower, "upper": upper, "group": name, "at": at, "n": len(values)})
    data = pd.concat(rows)
    half = 0.45 * data["height"] / max(data["height"].max(), 1e-300)
    data = data.assign(bottom=data["at"] - half, top=data["at"] + half)
    x_axis = _x_axis(title, low, high)
    shapes = _shapes(data, x_axis, list(groups))
    base = alt.Chart(pd.DataFrame(medians)).encode(y="at:Q")
    tips = ["group", alt.Tooltip("n", title="images"), *(alt.Tooltip(c, format=".4g", title=t) for c, t in (("lower", "lower quartile"), ("x", "median"), ("upper", "upper quartile")))]  # fmt: skip
    bars = base.mark_bar(height=5, color="#16202c", clip=True).encode(
        x=alt.X("lower:Q", title=title), x2="upper:Q", tooltip=tips
    )
    dots = base.mark_point(shape="diamond", size=70, filled=True, opacity=1, color="white", stroke="#16202c", clip=True)
    return (shapes + bars + dots.encode(x=alt.X("x:Q", title=title), tooltip=tips)).properties(
        height=_height(len(groups))
    )


def histograms(groups: Groups, title: str, low: float, high: float, bins: int = 60) -> alt.Chart:
    """A histogram per group, normalised; values outside low..high are counted in the outermost bins."""
    edges = np.linspace(low, high, bins + 1)
    rows = []
    for at, (name, (kind, values)) in enumerate(groups.items()):
        finite = values[np.isfinite(values)]
        share = np.histogram(np.clip(finite, low, high), edges)[0] / max(1, len(finite))
        data = pd.DataFrame({"x": edges[:-1], "share": share, "group": name, "class": kind, "at": at})
        rows.append(pd.concat([data, data.tail(1).assign(x=high)]))
    data = pd.concat(rows)
    data = data.assign(bottom=data["at"] + 0.45, top=data["at"] + 0.45 - 0.9 * data["share"] / max(data["share"].max(), 1e-300))  # fmt: skip
    x_axis = _x_axis(title, low, high)
    return _shapes(data, x_axis, list(groups), "step-after").properties(height=_height(len(groups)))


def _x_axis(title: str, low: float, high: float) -> alt.X:
    axis = alt.Axis(tickCount=8, labelFlush=False)
    return alt.X("x:Q", title=title, scale=alt.Scale(domain=[low, high], nice=False), axis=axis)


def _shapes(data: pd.DataFrame, x: alt.X, names: list[str], interpolate: str = "linear") -> alt.Chart:
    """Areas from `bottom` to `top`, row 0 at the top, the groups' names on the axis."""
    labels = f"{json.dumps([_short(n) for n in names])}[datum.value]"
    axis = alt.Axis(values=list(range(len(names))), labelExpr=labels, title=None, grid=False, labelLimit=190, ticks=False)  # fmt: skip
    scale = alt.Scale(domain=[len(names) - 0.5, -0.5], nice=False)
    return alt.Chart(data).mark_area(opacity=0.75, interpolate=interpolate).encode(
        x=x, y=alt.Y("bottom:Q", axis=axis, scale=scale), y2="top:Q", detail="group:N",
        color=_colour(data["class"], legend=None), tooltip=["group"],
    )  # fmt: skip


def _colour(kinds: pd.Series, **more) -> alt.Color:
    present = [k for k in COLOURS if k in set(kinds)]
    return alt.Color(
        "class:N", scale=alt.Scale(domain=present, range=[COLOURS[k] for k in present]), title=None, **more
    )


def _short(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"


def _height(groups: int) -> int:
    return max(240, 60 + (90 if groups <= 4 else 52) * groups)


def ecdf_lines(groups: Groups, title: str, low: float, high: float, height: int = 380) -> alt.Chart:
    """ECDF of each group. Class by colour, group by dash and legend."""
    rows = []
    for name, (kind, values) in groups.items():
        x, share = ecdf(values)
        if len(x):
            x, share = np.concatenate([[min(low, x[0])], x, [max(high, x[-1])]]), np.concatenate([[0.0], share, [1.0]])
        rows.append(pd.DataFrame({"x": x, "share": share, "group": _short(name), "class": kind}))
    data = pd.concat(rows)
    height += 26 * -(-len(groups) // 2) if len(groups) > 2 else 0
    return alt.Chart(data).mark_line(interpolate="step-after", strokeWidth=2.5, clip=True).encode(
        x=_x_axis(title, low, high),
        y=alt.Y("share:Q", title="fraction of images at or below", axis=alt.Axis(format="%")),
        color=_colour(data["class"], legend=alt.Legend(orient="top")),
        strokeDash=alt.StrokeDash("group:N", sort=[_short(n) for n in groups], title=None, legend=alt.Legend(orient="bottom", columns=2, labelLimit=220) if len(groups) > 2 else None),
        tooltip=["group", alt.Tooltip("x", title="value", format=".4g"), alt.Tooltip("share", format=".1%")],
    ).properties(height=height)  # fmt: skip
