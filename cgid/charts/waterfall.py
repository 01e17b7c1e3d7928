"""How an answer comes about: from where the model starts, one step for each reason, to where it ends."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from cgid.charts.palette import AI, MUTED, REAL

START, REST, ANSWER = "Start: an average image", "All other features", "The answer"


def steps(start: float, parts: Sequence[tuple[str, str, float]], output: float, most: int = 8) -> pd.DataFrame:
    """One row a bar: name, value (as text), change, from, to, speaks for.

    parts: (name, value as text, contribution), the largest first; those after `most` become one step, as does whatever
    `parts` does not name, so that the bars end at `output`.
    """
    rows, at = [{"name": START, "value": "", "change": start, "from": 0.0, "to": start}], start
    for name, value, change in parts[:most]:
        rows.append({"name": name, "value": value, "change": change, "from": at, "to": at + change})
        at += change
    if len(parts) > most or abs(output - at) > 1e-9:
        rows.append({"name": REST, "value": "", "change": output - at, "from": at, "to": output})
    rows.append({"name": ANSWER, "value": "", "change": output, "from": 0.0, "to": output})
    frame = pd.DataFrame(rows)
    side = ["AI" if c > 0 else "real" for c in frame["change"]]
    ends = frame["name"].isin((START, ANSWER))
    return frame.assign(**{"speaks for": [s if not e else "start and answer" for s, e in zip(side, ends)]})


def waterfall(rows: pd.DataFrame, title: str) -> alt.LayerChart:
    """rows: from `steps`; names unique."""
    y = alt.Y(
        "name:N", title=None, sort=rows["name"].tolist(), axis=alt.Axis(labelLimit=200, labelOverlap=False, labelFlush=False)
    )  # fmt: skip
    names = ["real", "AI", "start and answer"]
    bars = alt.Chart(rows).mark_bar(height=14).encode(
        x=alt.X("from:Q", title=title, axis=alt.Axis(tickCount=5)), x2="to:Q", y=y,
        color=alt.Color("speaks for:N", title="speaks for", scale=alt.Scale(domain=names, range=[REAL, AI, MUTED]), legend=alt.Legend(orient="top", values=["real", "AI"])),
        tooltip=["name", "value", alt.Tooltip("change", format="+.3f"), "speaks for"],
    )  # fmt: skip
    ends = alt.Chart(rows).mark_text(align="left", dx=6, color=MUTED).encode(
        x="right:Q", y=y, text=alt.Text("change:Q", format="+.2f")
    ).transform_calculate(right="max(datum.from, datum.to)")  # fmt: skip
    zero = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0))
    return (zero + bars + ends).properties(height=26 * len(rows) + 70)
