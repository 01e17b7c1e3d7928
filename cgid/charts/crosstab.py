"""A small table of counts by class as a picture: the number in each cell, the tint by the share of the class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.palette import CLASS_COLOURS, CLASS_NAMES

INK = "#1c2733"  # on tints of white, so that numbers are read on light and on dark pages


def crosstab(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """rows: {"value": text, "real": count, "ai": count}, in the order to be drawn."""
    names = list(CLASS_NAMES.values())
    data = pd.DataFrame(
        [
            {"value": str(row["value"])[:60], "class": name, "images": int(row[side]), "place": place}
            | {"share": int(row[side]) / max(sum(int(r[side]) for r in rows), 1)}
            for place, row in enumerate(rows)
            for side, name in CLASS_NAMES.items()
        ]
    )
    data["said"] = [f"{n} ({s:.0%})" if n else "–" for n, s in zip(data["images"], data["share"])]
    data["tint"] = [_tint(CLASS_COLOURS[names.index(c)], s) for c, s in zip(data["class"], data["share"])]
    base = alt.Chart(data).encode(
        x=alt.X("class:N", sort=names, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)),
        y=alt.Y("value:N", sort=alt.EncodingSortField("place", op="min"), title=None,
                axis=alt.Axis(labelLimit=180, labelOverlap=False, domain=False, ticks=False)),
    )  # fmt: skip
    cells = base.mark_rect(stroke="#8884", strokeWidth=1).encode(
        color=alt.Color("tint:N", legend=None, scale=None),
        tooltip=["value", "class", "images", alt.Tooltip("share", format=".1%", title="share of the class")],
    )  # fmt: skip
    text = base.mark_text(fontSize=13, color=INK).encode(text="said:N")
    return (cells + text).properties(height=30 * len(rows) + 44)


def _tint(colour: str, share: float) -> str:
    """White mixed with up to 65 % of a colour."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - p) * 0.65 * share):02x}" for p in parts)
