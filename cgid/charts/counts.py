"""How many images of each class lie in each split."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cgid.charts.palette import CLASS_COLOURS, CLASS_NAMES

SPLITS = ("train", "val", "test", "external")


def by_split(counts: Mapping[str, Mapping[str, int]]) -> alt.LayerChart:
    """counts: {split: {"real": n, "ai": n}}. One bar a split and class, with the number on it."""
    rows = [
        {"split": split, "class": name, "images": int(counts[split].get(label, 0))}
        for split in (*SPLITS, *sorted(set(counts) - set(SPLITS)))
        if split in counts
        for label, name in CLASS_NAMES.items()
    ]
    names = list(CLASS_NAMES.values())
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("split:N", title=None, sort=list(SPLITS)),
        yOffset=alt.YOffset("class:N", sort=names),
        x=alt.X("images:Q", title="images"),
    )
    colour = alt.Color(
        "class:N", scale=alt.Scale(domain=names, range=list(CLASS_COLOURS)), title=None, legend=alt.Legend(orient="top")
    )
    bars = base.mark_bar().encode(color=colour, tooltip=["split", "class", "images"])
    numbers = base.mark_text(align="left", dx=4).encode(text="images:Q", color=colour)
    return (bars + numbers).properties(height=20 * len(rows) + 100)
