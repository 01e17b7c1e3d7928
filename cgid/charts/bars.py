"""Bar charts: images per split and class, missing values per feature, and expected training times."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cgid.charts.theme import AI, CLASS_COLOURS, CLASS_NAMES, MUTED, REAL

SPLITS = ("train", "val", "test", "external")


def by_split(counts: Mapping[str, Mapping[str, int]]) -> alt.LayerChart:
    """counts: {split: {"real": n, "ai": n}}. One bar per split and class, labelled with its count."""
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


def dumbbells(data: pd.DataFrame) -> alt.LayerChart:
    """data: name, real, ai (fractions 0..1), in display order. A long line is a difference that a model can learn."""
    names = list(CLASS_NAMES.values())
    y = alt.Y("name:N", sort=data["name"].tolist(), title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False))
    scale = alt.Scale(domain=[0, 1])
    lines = alt.Chart(data).mark_rule(strokeWidth=3, color=MUTED).encode(
        x=alt.X("real:Q", title="images without a value", scale=scale, axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])),
        x2="ai:Q", y=y,
    )  # fmt: skip
    ends = data.rename(columns={"real": names[0], "ai": names[1]}).melt(["name", "features"], names, "class", "share")
    dots = alt.Chart(ends).mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X("share:Q", scale=scale), y=y,
        color=alt.Color("class:N", title=None, scale=alt.Scale(domain=names, range=[REAL, AI]), legend=alt.Legend(orient="top")),
        shape=alt.Shape("class:N", title=None, scale=alt.Scale(domain=names, range=["circle", "triangle-up"])),
        tooltip=["name", "class", alt.Tooltip("share", format=".1%"), "features"],
    )  # fmt: skip
    return (lines + dots).properties(height=28 * len(data) + 120)


def durations(parts: Mapping[str, Mapping[str, float]]) -> alt.LayerChart:
    """parts: {name: {"low", "expected", "high"}} in seconds; the bar shows the expected time, the line the range."""
    scale, unit = _unit(sum(part["expected"] for part in parts.values()))
    data = pd.DataFrame([{"part": name, **{k: v / scale for k, v in part.items()}} for name, part in parts.items()])
    tips = ["part", *(alt.Tooltip(k, format=".3g", title=f"{k} ({unit})") for k in ("low", "expected", "high"))]
    base = alt.Chart(data).encode(y=alt.Y("part:N", sort=list(parts), title=None), tooltip=tips)
    bars = base.mark_bar(color=REAL, height=12).encode(x=alt.X("expected:Q", title=unit))
    return (bars + base.mark_rule(color=MUTED, strokeWidth=2).encode(x="low:Q", x2="high:Q")).properties(
        height=28 * len(data) + 30
    )


def _unit(seconds: float) -> tuple[float, str]:
    if seconds < 180:
        return 1.0, "seconds"
    return (60.0, "minutes") if seconds < 7200 else (3600.0, "hours")
