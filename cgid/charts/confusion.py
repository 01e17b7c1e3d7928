"""The four outcomes of a detector as a matrix whose cells can be clicked.

A small table of counts by class as a picture: the number in each cell, the tint by the share of the class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import CLASS_COLOURS, CLASS_NAMES

# (key, what it truly is, what the detector said, in words)
CELLS = (
    ("tn", "Real photo", "says real", "rightly left alone"),
    ("fp", "Real photo", "says AI", "wrongly accused"),
    ("fn", "AI image", "says real", "missed"),
    ("tp", "AI image", "says AI", "caught"),
)


def frame(confusion: Mapping[str, int]) -> pd.DataFrame:
    """One row a cell: cell, truth, said, words, n, share of its true class, text."""
    rows = []
    for key, truth, said, words in CELLS:
        of = confusion["tn"] + confusion["fp"] if truth == "Real photo" else confusion["fn"] + confusion["tp"]
        n = confusion[key]
        part = n / of if of else float("nan")
        rows.append(
            {"cell": key, "truth": truth, "said": said, "words": words, "n": n, "share": part,
             "text": f"{n}", "detail": f"{words}: {part:.0%}" if of else words, "right": key in ("tn", "tp")}
        )  # fmt: skip
    return pd.DataFrame(rows)


def matrix(confusion: Mapping[str, int], height: int = 300) -> alt.LayerChart:
    """Rows: what the image is. Columns: what the detector says. Selection `cell` holds the clicked cell."""
    data = frame(confusion)
    pick = alt.selection_point(name="cell", fields=["cell"])
    base = alt.Chart(data).encode(
        x=alt.X("said:N", title=None, sort=["says real", "says AI"], axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("truth:N", title=None, sort=["Real photo", "AI image"]),
        tooltip=[alt.Tooltip("truth", title="is"), alt.Tooltip("said", title="detector"), "n", "words",
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
    ink = alt.condition("datum.share > 0.45", alt.value("white"), alt.value("#16202c"))
    numbers = base.mark_text(fontSize=26, fontWeight="bold", dy=-8).encode(text="text:N", color=ink)
    words = base.mark_text(fontSize=13, dy=18).encode(text="detail:N", color=ink)
    # Numbers lie over the cells and would swallow clicks: what is clicked is a clear sheet above everything.
    sheet = base.mark_rect(fill="white", fillOpacity=0.001, cursor="pointer").add_params(pick)
    cells = alt.layer(rights, wrongs, numbers, words, sheet).resolve_scale(color="independent")
    return cells.properties(height=height)


def describe(confusion: Mapping[str, int]) -> str:
    """The matrix in one sentence, for people who do not see it."""
    return "Confusion matrix. " + "; ".join(
        f"{truth}, detector {said}: {confusion[key]} ({words})" for key, truth, said, words in CELLS
    )


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
