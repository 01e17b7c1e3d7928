"""Charts of the inspector's filters, from the columns that a filter returns; by name in CHARTS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.theme import AI, MUTED, REAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

CHANNEL_COLOURS = {"brightness": MUTED, "red": "#c0392b", "green": "#2f9e53", "blue": "#3b82c4"}
CHANNEL_DASHES = {"brightness": [1, 0], "red": [6, 2], "green": [2, 2], "blue": [8, 2, 2, 2]}
COUNT_SCALES: dict[str, dict[str, Any]] = {
    "linear": {},
    "square root": {"type": "sqrt"},
    "logarithmic": {"type": "symlog", "constant": 0.001},
}
LEVEL_MARKS = {"peak": ("triangle-up", AI), "gap": ("triangle-down", REAL)}
TABLE_CELL = 34  # px


def colour_cloud(columns: Mapping[str, np.ndarray], height: int = 520) -> go.Figure:
    """Pixels as points in a colour space, each in its own colour, rotatable with the mouse.

    columns: x, y, z, colour (#rrggbb), and x_title, y_title, z_title (constant).
    """
    import plotly.graph_objects as go

    titles = [str(columns[f"{axis}_title"][0]) for axis in "xyz"]
    points = go.Scatter3d(
        **{axis: np.asarray(columns[axis], float).round(1).tolist() for axis in "xyz"},
        mode="markers",
        marker={"size": 2.5, "color": columns["colour"].tolist(), "line": {"width": 0}},
        text=columns["colour"].tolist(),
        hovertemplate="<br>".join(f"{t} %{{{a}}}" for a, t in zip("xyz", titles)) + "<br>%{text}<extra></extra>",
    )
    chart = go.Figure(points)
    axes = {f"{axis}axis": {"title": {"text": title}} for axis, title in zip("xyz", titles)}
    chart.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        scene={**axes, "aspectmode": "cube", "camera": {"eye": {"x": 1.5, "y": -1.6, "z": 0.9}}},
    )
    return chart


def dct_histogram(columns: Mapping[str, np.ndarray]) -> alt.LayerChart:
    """Histogram of one DCT frequency, its expected shape, and the expected peaks of an earlier quantisation.

    columns: value (of the coefficient), count (height of its bar), expected (NaN: unknown), earlier, blocks.
    """
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    plain = np.allclose(data["count"], data["blocks"])
    title = "blocks" if plain else "blocks, log10(1 + n)"
    x = alt.X("value:Q", title="strength of the frequency")
    tip = [alt.Tooltip("value:Q"), alt.Tooltip("blocks:Q", title="blocks"), alt.Tooltip("earlier:N", title="marked")]
    bars = alt.Chart(data).mark_bar(size=4).encode(
        x=x,
        y=alt.Y("count:Q", title=title),
        color=alt.condition("datum.earlier", alt.value(AI), alt.value(REAL)),
        tooltip=tip,
    )  # fmt: skip
    chart = bars
    if data["expected"].notna().any():
        chart += alt.Chart(data.dropna(subset="expected")).mark_line(color=MUTED, strokeDash=[4, 3]).encode(
            x=x, y="expected:Q"
        )  # fmt: skip
    if data["earlier"].any():
        # A triangle over each marked bar, so that it is not marked by colour alone.
        chart += alt.Chart(data[data["earlier"]]).mark_point(shape="triangle-down", filled=True, size=45, color=AI).encode(
            x=x, y="count:Q", tooltip=tip, yOffset=alt.value(-8)
        )  # fmt: skip
    return chart.properties(height=260)


def ghost_curve(columns: Mapping[str, np.ndarray]) -> alt.LayerChart:
    """JPEG ghosts: qualities at which the blocks of an image change least when recompressed; peaks indicate earlier saves.

    columns: quality, share (fraction of blocks with a minimum, 0..1, NaN unknown), chosen (True at the slider's quality).
    """
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    y = alt.Y("share:Q", title="blocks that dip", axis=alt.Axis(format="%"))
    x = alt.X("quality:Q", title="JPEG quality of the re-save", scale=alt.Scale(zero=False))
    tip = [alt.Tooltip("quality:Q"), alt.Tooltip("share:Q", format=".1%", title="blocks")]
    line = alt.Chart(data).mark_line(color=REAL).encode(x=x, y=y, tooltip=tip)
    here = alt.Chart(data[data["chosen"].astype(bool)]).mark_point(shape="diamond", size=140, filled=True, color=AI)
    return (line + here.encode(x=x, y=y, tooltip=tip)).properties(height=220)


def channel_histogram(columns: Mapping[str, np.ndarray], height: int = 360) -> alt.Chart:
    """Histograms: overlaid lines of several channels, or bars of a single one, which show comb patterns best.

    columns: value 0..255, channel, share (per cent of the pixels), scale (constant).
    """
    data = pd.DataFrame({k: columns[k] for k in ("value", "channel", "share")})
    present = list(dict.fromkeys(data["channel"]))
    several = len(present) > 1
    legend = alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3) if several else None
    chart = alt.Chart(data).encode(
        x=alt.X("value:Q", title="value (0 dark, 255 bright)", scale=alt.Scale(domain=[-0.5, 255.5], nice=False)),
        y=alt.Y("share:Q", title="% of pixels", scale=alt.Scale(**COUNT_SCALES[str(columns["scale"][0])]), stack=None),
        color=alt.Color("channel:N", title=None, legend=legend, scale=alt.Scale(domain=present, range=[CHANNEL_COLOURS.get(c, MUTED) for c in present])),
        tooltip=["channel", "value", alt.Tooltip("share", title="% of pixels", format=".4f")],
    ).properties(height=height)  # fmt: skip
    if not several:
        return chart.mark_bar(width=2)
    dash = alt.Scale(domain=present, range=[CHANNEL_DASHES.get(c, [1, 0]) for c in present])
    return chart.mark_line(strokeWidth=1.5).encode(strokeDash=alt.StrokeDash("channel:N", scale=dash, legend=None))


def level_marks(columns: Mapping[str, np.ndarray]) -> alt.FacetChart:
    """Histograms of the channels with peaks and gaps marked.

    columns: channel, level 0..255, pixels, mark ("peak", "gap" or "").
    """
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    names = list(LEVEL_MARKS)
    x = alt.X("level:Q", title="level", scale=alt.Scale(domain=[0, 255]))
    tip = ["channel", "level", "pixels", "mark"]
    bars = alt.Chart(data).mark_bar(size=2, color=MUTED).encode(x=x, y=alt.Y("pixels:Q", title="pixels"), tooltip=tip)
    points = (
        alt.Chart(data)
        .transform_filter("datum.mark != ''")
        .mark_point(filled=True, size=28, opacity=1)
        .encode(
            x=x,
            y="pixels:Q",
            tooltip=tip,
            shape=alt.Shape(
                "mark:N", scale=alt.Scale(domain=names, range=[s for s, _ in LEVEL_MARKS.values()]), title=None
            ),
            color=alt.Color(
                "mark:N", scale=alt.Scale(domain=names, range=[c for _, c in LEVEL_MARKS.values()]), title=None
            ),
        )
    )
    layers = (bars + points).properties(height=120, width=520)
    return layers.facet(row=alt.Row("channel:N", title=None, sort=list(dict.fromkeys(data["channel"])))).resolve_scale(
        y="independent"
    )


def radial_spectrum(columns: Mapping[str, np.ndarray], height: int = 220) -> alt.LayerChart:
    """The spectrum's mean over all directions: where detail ends, and whether the power rises again at high frequencies.

    columns: frequency (cycles per px, 0 to 0.5), level (dB); the range `from`, `to` (constant) is shaded.
    """
    data = pd.DataFrame({k: columns[k] for k in ("frequency", "level")})
    along = {"title": "frequency (cycles per px; 0.5 is the finest)", "scale": alt.Scale(domain=[0, 0.5])}
    x = alt.X("frequency:Q", **along)
    line = alt.Chart(data).mark_line(color=REAL, strokeWidth=2).encode(
        x=x,
        y=alt.Y("level:Q", title="mean log power (dB)", scale=alt.Scale(zero=False)),
        tooltip=[alt.Tooltip("frequency", format=".3f"), alt.Tooltip("level", title="dB", format=".1f")],
    )  # fmt: skip
    eighths = pd.DataFrame({"frequency": [k / 8 for k in range(1, 4)]})
    rules = alt.Chart(eighths).mark_rule(color=MUTED, strokeDash=[3, 3], opacity=0.6).encode(x=x)
    if "from" not in columns:
        return (rules + line).properties(height=height)
    shaded = pd.DataFrame({name: [min(float(columns[name][0]), 0.5)] for name in ("from", "to")})
    shade = alt.Chart(shaded).mark_rect(color=REAL, opacity=0.15).encode(x=alt.X("from:Q", **along), x2="to:Q")
    return (shade + rules + line).properties(height=height)


def quantisation_tables(columns: Mapping[str, np.ndarray]) -> alt.FacetChart:
    """Two quantisation tables side by side, each step as a number on its shade; steps that differ are framed.

    columns: table (its name), row, column (0..7), step, differs (True where the two tables do).
    """
    data = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    axis = alt.Axis(labelAngle=0, title=None)
    base = alt.Chart(data).encode(
        x=alt.X("column:O", axis=axis),
        y=alt.Y("row:O", axis=axis),
        tooltip=["table", "row", "column", "step"],
    )
    shade = base.mark_rect(strokeWidth=2).encode(
        color=alt.Color("step:Q", scale=alt.Scale(scheme="greys", type="sqrt"), legend=None),
        stroke=alt.condition("datum.differs", alt.value(AI), alt.value("transparent")),
    )
    middle = float(np.sqrt(data["step"].max() or 1)) * 0.55
    number = base.mark_text(fontSize=11).encode(
        text="step:Q",
        color=alt.condition(f"sqrt(datum.step) > {middle:.3f}", alt.value("white"), alt.value("black")),
    )
    layers = (shade + number).properties(width=8 * TABLE_CELL, height=8 * TABLE_CELL)
    order = list(dict.fromkeys(data["table"]))
    return layers.facet(column=alt.Column("table:N", title=None, sort=order))


# Filters refer to charts by key (`Filter.chart`).
CHARTS: dict[str, Callable[[Mapping[str, np.ndarray]], Any]] = {
    "colour_cloud": colour_cloud,
    "dct_histogram": dct_histogram,
    "ghost_curve": ghost_curve,
    "channel_histogram": channel_histogram,
    "level_marks": level_marks,
    "radial_spectrum": radial_spectrum,
    "quantisation_tables": quantisation_tables,
}
