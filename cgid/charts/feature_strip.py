"""Position of one image in the distributions of the training data: two histograms and a line."""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.charts.theme import AI, CLASS_NAMES, MUTED, REAL
from cgid.evaluate.class_distribution import ClassDistribution, NearestValues

BINS = 49
TAIL = 0.01
HEIGHT = 200
THIS_IMAGE = "this image"
MARK = "#e0403a"  # readable on white and on black
LOWEST, HIGHEST, LINE_LABEL, REAL_LABEL, AI_LABEL = (
    -1.3,
    1.75,
    1.6,
    1.17,
    -1.16,
)  # vertical positions of the labels; 1 is the highest bar


def class_fractions(edges: np.ndarray, counts: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Fraction of a class in each step of `grid`, (len(grid) - 1,); values beyond its ends count in the outermost steps.

    edges, counts: of a ClassDistribution. A bin that spans several steps is divided by width.
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


def window(distribution: ClassDistribution, value: float | None) -> tuple[float, float]:
    """(from, to) of the axis: without the outermost hundredth of both classes."""
    sides = [of for of in (distribution.real, distribution.ai) if of.sum() > 0]
    low = min(distribution.quantile(TAIL, of) for of in sides)
    high = max(distribution.quantile(1 - TAIL, of) for of in sides)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    if value is not None and low - (high - low) / 2 <= value <= high + (high - low) / 2:
        low, high = (
            min(low, value),
            max(high, value),
        )  # values slightly outside extend the axis, values far outside get an arrow
    return low, high


def spec(
    distribution: ClassDistribution, value: float | None, title: str, nearest: NearestValues | None = None
) -> dict[str, Any]:
    """A Vega-Lite specification as a dict: Altair's validation would take sixty times as long as building it.

    distribution: of the training data. value: of this image, None where it has none. title: of the axis, plain text.
    nearest: its range is shaded. Real photos upwards, AI images downwards, each normalised: distinguished by position
    and label, not only by colour.
    """
    low, high = window(distribution, value)
    grid = np.linspace(low, high, BINS + 1)
    real, ai = (
        class_fractions(distribution.edges, distribution.real, grid),
        class_fractions(distribution.edges, distribution.ai, grid),
    )
    max_fraction = max(float(real.max()), float(ai.max()), 1e-9)
    x = {
        "field": "start", "type": "quantitative", "title": title, "scale": {"domain": [low, high], "nice": False},
        "axis": {"grid": False, "tickCount": 5},
    }  # fmt: skip
    y = {"field": "height", "type": "quantitative", "axis": None, "scale": {"domain": [LOWEST, HIGHEST]}}
    names = list(CLASS_NAMES.values())
    bars = [
        {"start": a, "end": b, "share": s, "height": s / max_fraction * side, "class": name, "zero": 0}
        for name, side, of in zip(names, (1, -1), (real, ai))
        for a, b, s in zip(grid[:-1].tolist(), grid[1:].tolist(), of.tolist())
    ]
    shown = [
        {"field": "class", "type": "nominal"},
        {"field": "start", "type": "quantitative", "format": ".4g", "title": "from"},
        {"field": "end", "type": "quantitative", "format": ".4g", "title": "to"},
        {"field": "share", "type": "quantitative", "format": ".1%"},
    ]
    colour = {"field": "class", "type": "nominal", "legend": None, "scale": {"domain": names, "range": [REAL, AI]}}
    layers = [
        _layer(
            bars, {"type": "rect"}, x=x, x2={"field": "end"}, y=y, y2={"field": "zero"}, color=colour, tooltip=shown
        ),
        _layer([{"height": 0}], {"type": "rule", "color": MUTED}, y=y),
    ]
    if nearest is not None:
        shade = [{"start": max(nearest.low, low), "end": min(max(nearest.high, nearest.low), high)}]
        layers.insert(0, _layer(shade, {"type": "rect", "color": MUTED, "opacity": 0.25}, x=x, x2={"field": "end"}))
    right_aligned = value is not None and value < (low + high) / 2  # the class names do not overlap the line
    labels = [
        {"start": high if right_aligned else low, "height": at, "word": word}
        for at, word in ((REAL_LABEL, f"▲ {names[0]}s"), (AI_LABEL, f"▼ {names[1]}s"))
    ]
    layers.append(_layer(labels, _text(right_aligned, MUTED), x=x, y=y, text={"field": "word", "type": "nominal"}))
    if value is not None:
        layers += _line(value, low, high, x, y)
    return {"layer": layers, "height": HEIGHT}


def _layer(values: list[dict[str, Any]], mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _text(right: bool, colour: str) -> dict[str, Any]:
    """A text mark, right- or left-aligned."""
    return {
        "type": "text",
        "align": "right" if right else "left",
        "baseline": "middle",
        "fontSize": 12,
        "color": colour,
    }


def _line(value: float, low: float, high: float, x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """A line where the image lies, or at the edge with an arrow where it lies far outside."""
    at = min(max(value, low), high)
    beyond = "" if low <= value <= high else "← " if value < low else "→ "
    right = at > (low + high) / 2
    row = [{"start": at, "height": LINE_LABEL, "middle": 0, "word": f"{beyond}{THIS_IMAGE}: {value:.3g}"}]
    text = {**_text(right, MARK), "dx": -6 if right else 6, "fontWeight": "bold"}
    diamond = {"type": "point", "shape": "diamond", "size": 90, "filled": True, "color": MARK}
    return [
        _layer(row, {"type": "rule", "color": MARK, "strokeWidth": 2.5}, x=x),
        _layer(row, diamond, x=x, y={**y, "field": "middle"}),
        _layer(row, text, x=x, y=y, text={"field": "word", "type": "nominal"}),
    ]


def describe(
    distribution: ClassDistribution, value: float | None, nearest: NearestValues | None, images: str = "training images"
) -> str:
    """Alternative text of the chart in one sentence. images: name of the training images."""
    if value is None:
        return f"This image has no value to compare with the {images}."
    if beyond := distribution.outside(value):
        side = "above" if beyond > 0 else "below"
        return f"This image lies at {value:.3g}, {side} all {distribution.count} {images}."
    if nearest is None or nearest.share is None:
        return f"This image lies at {value:.3g}; no {images} to compare with."
    return f"This image lies at {value:.3g}, where {100 * nearest.share:.0f} of 100 {images} were AI."
