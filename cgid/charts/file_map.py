"""Map of a file: its segments as a bar from the first to the last byte, nested segments below."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

LEVELS = 3
MAX_BARS = 700
MIN_LABEL_WIDTH = 0.09  # of the width: narrower segments are not labelled
ROW = 58  # px
# Colour-blind safe palette of Okabe and Ito; names and positions carry the same information.
COLOURS = {
    "header": "#8a949e",
    "tables": "#56b4e9",
    "picture": "#0072b2",
    "metadata": "#e69f00",
    "credentials": "#009e73",
    "colour": "#cc79a7",
    "preview": "#f0e442",
    "unknown": "#a0522d",
    "after": "#d55e00",
}


def file_map(parts: pd.DataFrame, kinds: dict[str, str], even: bool) -> alt.LayerChart:
    """parts: name, what, kind, level (1..LEVELS), at, length in bytes, in the file's order; level 1 covers the file.

    kinds: {kind: its title}. even: scale segments by the logarithm of their length.
    """
    shown = parts[(parts["length"] > 0) & (parts["level"] <= LEVELS)]
    shown = shown.nlargest(MAX_BARS, "length").sort_values(["level", "at"])
    cuts = np.unique(np.concatenate((shown["at"], shown["at"] + shown["length"], [0])))
    places = np.concatenate(([0.0], np.cumsum(_log_widths(shown, cuts) if even else np.diff(cuts))))
    places = places / (places[-1] or 1)
    rows = shown.assign(
        left=places[np.searchsorted(cuts, shown["at"])],
        right=places[np.searchsorted(cuts, shown["at"] + shown["length"])],
        holds=[kinds[k] for k in shown["kind"]],
        offset=[f"{at:,} ({at:#x})" for at in shown["at"]],
        bytes=[f"{n:,}" for n in shown["length"]],
    )
    rows["middle"] = (rows["left"] + rows["right"]) / 2
    present = [k for k in COLOURS if k in set(rows["kind"])]
    level = alt.Y("level:O", title=None, axis=None, scale=alt.Scale(paddingInner=0.08))
    axis = alt.Axis(title="first to last byte", labels=False, ticks=False, grid=False)
    bars = (
        alt.Chart(rows)
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("left:Q", axis=axis, scale=alt.Scale(domain=[0, 1])),
            x2="right:Q",
            y=level,
            color=alt.Color(
                "holds:N",
                title=None,
                scale=alt.Scale(domain=[kinds[k] for k in present], range=[COLOURS[k] for k in present]),
                legend=alt.Legend(orient="bottom", columns=2, labelLimit=260, symbolStrokeWidth=0),
            ),
            tooltip=["name", "what", "offset", "bytes"],
        )
    )
    wide = rows[rows["right"] - rows["left"] >= MIN_LABEL_WIDTH]
    dark = alt.condition(
        alt.FieldOneOfPredicate("kind", ["picture", "unknown"]), alt.value("white"), alt.value("black")
    )
    names = alt.Chart(wide).mark_text(limit=90, fontSize=11).encode(x="middle:Q", y=level, text="name:N", color=dark)
    count = max(1, rows["level"].nunique())
    return alt.layer(bars, names).properties(height=ROW * count + 70)


def _log_widths(shown: pd.DataFrame, cuts: np.ndarray) -> np.ndarray:
    """Widths between the cuts: each segment of level 1 gets the logarithm of its length, distributed within it."""
    widths = np.log2(1 + np.diff(cuts))
    top = shown[shown["level"] == 1]
    for at, length in zip(top["at"], top["length"]):
        first, last = np.searchsorted(cuts, [at, at + length])
        widths[first:last] *= np.log2(1 + length) / widths[first:last].sum()
    return widths
