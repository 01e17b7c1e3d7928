"""Confusion matrix with selectable cells, and cross-tabulations of counts by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import CLASS_COLOURS, CLASS_NAMES

# (key, true class, prediction, outcome)
CELLS = (
    ("tn", "Real photo", "says real", "true negative"),
    ("fp", "Real photo", "says AI", "false positive"),
    ("fn", "AI image", "says real", "false negative"),
    ("tp", "AI image", "says AI", "true positive"),
)


def frame(confusion: Mapping[str, int]) -> pd.DataFrame:
    """One row per cell: cell, truth, prediction, outcome, n, share of its true class, text."""
    rows = []
    for key, truth, prediction, outcome in CELLS:
        total = confusion["tn"] + confusion["fp"] if truth == "Real photo" else confusion["fn"] + confusion["tp"]
        n = confusion[key]
        fraction = n / total if total else float("nan")
        rows.append(
            {"cell": key, "truth": truth, "prediction": prediction, "outcome": outcome, "n": n, "share": fraction,
             "text": f"{n}", "detail": f"{outcome}: {fraction:.0%}" if total else outcome, "right": key in ("tn", "tp")}
        )  # fmt: skip
    return pd.DataFrame(rows)


def matrix(confusion: Mapping[str, int], height: int = 300) -> alt.LayerChart:
    """Rows: true class. Columns: prediction. The selection `cell` holds the clicked cell."""
    data = frame(confusion)
    pick = alt.selection_point(name="cell", fields=["cell"])
    base = alt.Chart(data).encode(
        x=alt.X("prediction:N", title=None, sort=["says real", "says AI"], axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("truth:N", title=None, sort=["Real photo", "AI image"]),
        tooltip=[alt.Tooltip("truth", title="is"), alt.Tooltip("prediction", title="detector"), "n", "outcome",
                 alt.Tooltip("share", format=".1%", title="share of its class")],
    )  # fmt: skip
    share = alt.Scale(domain=[0, 1], range=["#a9cdea", "#1f5fa8"])
    wrong = alt.Scale(domain=[0, 1], range=["#f3cbb8", "#b3431a"])
    edge = alt.condition(pick, alt.value(4), alt.value(0.5), empty=False)
    rights, wrongs = (
        base.transform_filter(f"datum.right == {kind}")
        .mark_rect(cornerRadius=6, stroke="#8894a3")
        .encode(color=alt.Color("share:Q", scale=scale, legend=None), strokeWidth=edge)
        for kind, scale in (("true", share), ("false", wrong))
    )
    text_colour = alt.condition("datum.share > 0.45", alt.value("white"), alt.value("#16202c"))
    numbers = base.mark_text(fontSize=26, fontWeight="bold", dy=-8).encode(text="text:N", color=text_colour)
    details = base.mark_text(fontSize=13, dy=18).encode(text="detail:N", color=text_colour)
    # Text marks above the cells would intercept clicks: a transparent layer on top receives them.
    click_layer = base.mark_rect(fill="white", fillOpacity=0.001, cursor="pointer").add_params(pick)
    cells = alt.layer(rights, wrongs, numbers, details, click_layer).resolve_scale(color="independent")
    return cells.properties(height=height)


def describe(confusion: Mapping[str, int]) -> str:
    """Alternative text of the matrix."""
    return "Confusion matrix. " + "; ".join(
        f"{truth}, detector {prediction}: {confusion[key]} ({outcome})" for key, truth, prediction, outcome in CELLS
    )


INK = "#1c2733"  # on light tints, readable on light and dark pages


def crosstab(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """rows: {"value": text, "real": count, "ai": count}, in display order."""
    names = list(CLASS_NAMES.values())
    data = pd.DataFrame(
        [
            {"value": str(row["value"])[:60], "class": name, "images": int(row[side]), "position": position}
            | {"share": int(row[side]) / max(sum(int(r[side]) for r in rows), 1)}
            for position, row in enumerate(rows)
            for side, name in CLASS_NAMES.items()
        ]
    )
    data["label"] = [f"{n} ({s:.0%})" if n else "–" for n, s in zip(data["images"], data["share"])]
    data["tint"] = [_tint(CLASS_COLOURS[names.index(c)], s) for c, s in zip(data["class"], data["share"])]
    base = alt.Chart(data).encode(
        x=alt.X("class:N", sort=names, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)),
        y=alt.Y("value:N", sort=alt.EncodingSortField("position", op="min"), title=None,
                axis=alt.Axis(labelLimit=180, labelOverlap=False, domain=False, ticks=False)),
    )  # fmt: skip
    cells = base.mark_rect(stroke="#8884", strokeWidth=1).encode(
        color=alt.Color("tint:N", legend=None, scale=None),
        tooltip=["value", "class", "images", alt.Tooltip("share", format=".1%", title="share of the class")],
    )  # fmt: skip
    text = base.mark_text(fontSize=13, color=INK).encode(text="label:N")
    return (cells + text).properties(height=30 * len(rows) + 44)


def _tint(colour: str, share: float) -> str:
    """White mixed with up to 65 % of a colour."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - p) * 0.65 * share):02x}" for p in parts)
