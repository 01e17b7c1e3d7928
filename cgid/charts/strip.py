"""Where one image lies among the real photos and the AI images of the training data: two strips and a line."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from cgid.charts.palette import AI, CLASS_NAMES, MUTED, REAL
from cgid.evaluate.class_spread import Neighbours, Spread

BINS = 49
TAIL = 0.01
HEIGHT = 190
THIS = "this image"


def shares(edges: np.ndarray, counts: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """(len(grid) - 1) share of a class in each step of `grid`; what lies beyond its ends counts in the last steps.

    edges, counts: of a Spread. A bin that several steps cut is shared out by width; one without width falls into one.
    """
    steps = len(grid) - 1
    share = np.zeros(steps)
    total = counts.sum()
    if total <= 0:
        return share
    low, high = np.clip(edges[:-1], grid[0], grid[-1]), np.clip(edges[1:], grid[0], grid[-1])
    flat = high <= low
    at = np.clip(np.searchsorted(grid, low[flat], side="right") - 1, 0, steps - 1)
    np.add.at(share, at, counts[flat])
    start, end, held = low[~flat], high[~flat], counts[~flat]
    whole = edges[1:][~flat] - edges[:-1][~flat]
    over = np.minimum(end[:, None], grid[None, 1:]) - np.maximum(start[:, None], grid[None, :-1])
    share += (np.clip(over, 0, None) / whole[:, None] * held[:, None]).sum(0)
    share[0] += (held * (np.clip(grid[0] - edges[:-1][~flat], 0, None) / whole)).sum()
    share[-1] += (held * (np.clip(edges[1:][~flat] - grid[-1], 0, None) / whole)).sum()
    return share / total


def window(spread: Spread, value: float | None) -> tuple[float, float]:
    """(from, to) of the axis: all but the outermost hundredth of both classes."""
    sides = [of for of in (spread.real, spread.ai) if of.sum() > 0]
    low = min(spread.quantile(TAIL, of) for of in sides)
    high = max(spread.quantile(1 - TAIL, of) for of in sides)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    if value is not None and low - (high - low) / 2 <= value <= high + (high - low) / 2:
        low, high = min(low, value), max(high, value)  # a little outside is shown, far outside is pointed at
    return low, high


def figure(spread: Spread, value: float | None, title: str, near: Neighbours | None = None) -> alt.LayerChart:
    """spread: of the training data. value: of this image, None where it has none. title: of the axis, plain text. near: whose range is shaded.

    Real photos upwards, AI images downwards, each share of its own class: told apart by place and word, not by colour.
    """
    low, high = window(spread, value)
    grid = np.linspace(low, high, BINS + 1)
    real, ai = shares(spread.edges, spread.real, grid), shares(spread.edges, spread.ai, grid)
    most = max(float(real.max()), float(ai.max()), 1e-9)
    names = list(CLASS_NAMES.values())
    rows = pd.DataFrame(
        {
            "start": np.tile(grid[:-1], 2), "end": np.tile(grid[1:], 2),
            "share": np.concatenate([real, ai]), "height": np.concatenate([real, -ai]) / most,
            "class": np.repeat(names, BINS), "zero": 0.0,
        }
    )  # fmt: skip
    x = alt.X(
        "start:Q", title=title, scale=alt.Scale(domain=[low, high], nice=False), axis=alt.Axis(grid=False, tickCount=5)
    )
    y = alt.Y("height:Q", title=None, axis=None, scale=alt.Scale(domain=[-1.25, 1.45]))
    bars = alt.Chart(rows).mark_rect().encode(
        x=x, x2="end:Q", y=y, y2="zero:Q",
        color=alt.Color("class:N", scale=alt.Scale(domain=names, range=[REAL, AI]), legend=None),
        tooltip=["class", alt.Tooltip("start", format=".4g", title="from"), alt.Tooltip("end", format=".4g", title="to"),
                 alt.Tooltip("share", format=".1%")],
    )  # fmt: skip
    layers = [bars, alt.Chart(pd.DataFrame({"height": [0.0]})).mark_rule(color=MUTED).encode(y=y)]
    if near is not None:
        shade = pd.DataFrame({"start": [max(near.low, low)], "end": [min(max(near.high, near.low), high)]})
        layers.insert(0, alt.Chart(shade).mark_rect(color=MUTED, opacity=0.25).encode(x=x, x2="end:Q"))
    aside = value is not None and value < (low + high) / 2  # the classes' names keep clear of the line's
    words = pd.DataFrame(
        {"start": [high if aside else low] * 2, "height": [1.32, -1.14], "word": [f"▲ {names[0]}s", f"▼ {names[1]}s"]}
    )
    layers.append(
        alt.Chart(words)
        .mark_text(align="right" if aside else "left", baseline="middle", color=MUTED, fontSize=12)
        .encode(x=x, y=y, text="word:N")
    )
    if value is not None:
        layers += _line(value, low, high, x, y)
    return alt.layer(*layers).properties(height=HEIGHT)


def _line(value: float, low: float, high: float, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """A line where the image lies, or at the edge with an arrow where it lies far outside."""
    at = min(max(value, low), high)
    beyond = "" if low <= value <= high else "←" if value < low else "→"
    right = at > (low + high) / 2
    word = f"{THIS} {beyond}" if right else f"{beyond} {THIS}"
    row = pd.DataFrame({"start": [at], "height": [1.32], "word": [f"{word.strip()}: {value:.3g}"]})
    rule = alt.Chart(row).mark_rule(color="#d11", strokeWidth=2.5).encode(x=x)
    text = alt.Chart(row).mark_text(
        align="right" if right else "left", dx=-6 if right else 6, baseline="middle", fontWeight="bold", fontSize=12, color="#d11"
    ).encode(x=x, y=alt.Y("height:Q", scale=alt.Scale(domain=[-1.25, 1.45]), axis=None), text="word:N")  # fmt: skip
    mark = (
        alt.Chart(row.assign(height=0)).mark_point(shape="diamond", size=90, filled=True, color="#d11").encode(x=x, y=y)
    )
    return [rule, mark, text]


def finding(spread: Spread, value: float | None, near: Neighbours | None) -> str:
    """The alternative text: what the picture shows, in one sentence."""
    if value is None:
        return "This image has no value to compare with the training images."
    if beyond := spread.outside(value):
        side = "above" if beyond > 0 else "below"
        return f"This image lies at {value:.3g}, {side} all {spread.count} training images."
    if near is None or near.share is None:
        return f"This image lies at {value:.3g}; no training images to compare with."
    return f"This image lies at {value:.3g}, where {100 * near.share:.0f} of 100 training images were AI."
