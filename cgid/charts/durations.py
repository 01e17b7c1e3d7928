"""Where the time of a training goes: a bar for each part, with its range."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from cgid.charts.palette import MUTED, REAL


def durations(parts: Mapping[str, Mapping[str, float]]) -> alt.LayerChart:
    """parts: {name: {"low", "expected", "high"}} in seconds; the bar ends at what is expected, the line spans the range."""
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
