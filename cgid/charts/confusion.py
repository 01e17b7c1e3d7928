"""The four outcomes of a detector as a matrix whose cells can be clicked."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

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
