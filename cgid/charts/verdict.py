"""Verdict charts: the probability of one image, verdicts of modified copies, and the contributions of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import AI, MUTED, REAL, VERDICT_COLOURS
from cgid.formatting import VERDICT_TEXT

ZONES = {"likely real": REAL, "inconclusive": MUTED, "likely AI": AI}
MIN_LABEL_WIDTH = 0.16  # of the scale: the name of a narrower zone does not fit
TEXT_COLOUR = "#10161d"  # readable on all three colours in light and dark


def verdict_bar(probability: float, low: float, high: float) -> alt.LayerChart:
    """probability, low, high: 0..1; the inconclusive range is from low to high."""
    low, high = max(0.0, low), min(1.0, high)
    zones = pd.DataFrame({"from": [0.0, low, high], "to": [low, high, 1.0], "zone": list(ZONES)})
    zones = zones[zones["to"] > zones["from"]]
    zones["middle"] = (zones["from"] + zones["to"]) / 2
    zones["name"] = zones["zone"].where(zones["to"] - zones["from"] >= MIN_LABEL_WIDTH, "")
    x = alt.X(
        "from:Q", scale=alt.Scale(domain=[0, 1]), title="probability of AI",
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )  # fmt: skip
    colour = alt.Color("zone:N", legend=None, scale=alt.Scale(domain=list(ZONES), range=list(ZONES.values())))
    base = alt.Chart(zones)
    bar = base.mark_bar(height=26).encode(x=x, x2="to:Q", color=colour, tooltip=["zone"])
    names = base.mark_text(color=TEXT_COLOUR, fontSize=12, fontWeight=600).encode(x="middle:Q", text="name:N")
    here = alt.Chart(pd.DataFrame({"p": [probability]}))
    mark = here.mark_point(shape="triangle-down", size=260, filled=True, color="#d11", opacity=1, yOffset=-22)
    line = here.mark_rule(color=TEXT_COLOUR, strokeWidth=2)
    return (bar + names + line.encode(x="p:Q") + mark.encode(x="p:Q")).properties(height=118)


COLOURS = {
    VERDICT_TEXT[verdict]: VERDICT_COLOURS[verdict]
    for verdict in ("likely_real", "inconclusive", "likely_ai", "declared_ai")
}
SHAPES = {"likely real": "circle", "inconclusive": "square", "likely AI": "triangle-up", "declared AI": "diamond"}
ORIGINAL = "Original"


def stability_chart(
    copies: Sequence[Mapping[str, Any]], abstain: Mapping[str, float] | None, height: int = 270
) -> alt.LayerChart:
    """copies: {"title", "family", "verdict", "probability"}, the image itself first. abstain: the inconclusive range
    of the deciding model, {"low", "high"}. Copies without a probability are drawn at the bottom."""
    rows = pd.DataFrame(
        [
            {
                "copy": c["title"],
                "how": c.get("family") or "",
                "verdict": VERDICT_TEXT.get(c["verdict"], c["verdict"]),
                "probability": 0.0 if c.get("probability") is None else float(c["probability"]),
            }
            for c in copies
        ]
    )
    order = list(dict.fromkeys(rows["copy"]))
    x = alt.X("copy:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=120, labelOverlap=False))
    y = alt.Y(
        "probability:Q",
        title="probability of AI",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=3),
    )
    used = [w for w in COLOURS if w in set(rows["verdict"])]
    colour = alt.Color(
        "verdict:N", title=None, scale=alt.Scale(domain=used, range=[COLOURS[w] for w in used]),
        legend=alt.Legend(orient="top"),
    )  # fmt: skip
    shape = alt.Shape("verdict:N", title=None, scale=alt.Scale(domain=used, range=[SHAPES[w] for w in used]))
    tips = ["copy", "how", "verdict", alt.Tooltip("probability", format=".0%")]
    marks = (
        alt.Chart(rows)
        .mark_point(size=150, filled=True, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tips)
    )
    layers = [marks]
    if abstain:
        zone = pd.DataFrame([{"low": max(0.0, abstain["low"]), "high": min(1.0, abstain["high"])}])
        layers.insert(
            0,
            alt.Chart(zone)
            .mark_rect(opacity=0.14, color=MUTED)
            .encode(y=alt.Y("low:Q", title="probability of AI"), y2="high:Q"),
        )
    return alt.layer(*layers).properties(height=height)


START, OTHER_FEATURES, ANSWER = "Base value: an average image", "All other features", "Result"


def waterfall_steps(
    start: float, parts: Sequence[tuple[str, str, float]], output: float, max_steps: int = 8
) -> pd.DataFrame:
    """One row per bar: name, value (as text), change, from, to, points to.

    parts: (name, value as text, contribution), the largest first; those after `max_steps` and any
    remainder become one step, so that the bars end at `output`.
    """
    rows, position = [{"name": START, "value": "", "change": start, "from": 0.0, "to": start}], start
    for name, value, change in parts[:max_steps]:
        rows.append({"name": name, "value": value, "change": change, "from": position, "to": position + change})
        position += change
    if len(parts) > max_steps or abs(output - position) > 1e-9:
        rows.append({"name": OTHER_FEATURES, "value": "", "change": output - position, "from": position, "to": output})
    rows.append({"name": ANSWER, "value": "", "change": output, "from": 0.0, "to": output})
    frame = pd.DataFrame(rows)
    side = ["AI" if c > 0 else "real" for c in frame["change"]]
    ends = frame["name"].isin((START, ANSWER))
    return frame.assign(**{"points to": [s if not e else "base value and result" for s, e in zip(side, ends)]})


def waterfall(rows: pd.DataFrame, title: str) -> alt.LayerChart:
    """rows: from `steps`; names unique."""
    y = alt.Y(
        "name:N", title=None, sort=rows["name"].tolist(), axis=alt.Axis(labelLimit=200, labelOverlap=False, labelFlush=False)
    )  # fmt: skip
    names = ["real", "AI", "base value and result"]
    bars = alt.Chart(rows).mark_bar(height=14).encode(
        x=alt.X("from:Q", title=title, axis=alt.Axis(tickCount=5)), x2="to:Q", y=y,
        color=alt.Color("points to:N", title="points to", scale=alt.Scale(domain=names, range=[REAL, AI, MUTED]), legend=alt.Legend(orient="top", values=["real", "AI"])),
        tooltip=["name", "value", alt.Tooltip("change", format="+.3f"), "points to"],
    )  # fmt: skip
    ends = alt.Chart(rows).mark_text(align="left", dx=6, color=MUTED).encode(
        x="right:Q", y=y, text=alt.Text("change:Q", format="+.2f")
    ).transform_calculate(right="max(datum.from, datum.to)")  # fmt: skip
    zero = alt.Chart().mark_rule(strokeDash=[4, 4], color=MUTED).encode(x=alt.datum(0))
    return (zero + bars + ends).properties(height=26 * len(rows) + 70)
