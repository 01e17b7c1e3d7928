"""What each copy of a picture is told: one mark a copy, from likely real to likely AI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.palette import MUTED, VERDICT_COLOURS
from cgid.evaluate.verdict_words import WORDS

COLOURS = {
    WORDS[verdict]: VERDICT_COLOURS[verdict] for verdict in ("likely_real", "inconclusive", "likely_ai", "declared_ai")
}
SHAPES = {"likely real": "circle", "inconclusive": "square", "likely AI": "triangle-up", "declared AI": "diamond"}
ORIGINAL = "As it is"


def figure(copies: Sequence[Mapping[str, Any]], band: Mapping[str, float] | None, height: int = 270) -> alt.LayerChart:
    """copies: {"title", "family", "verdict", "probability"}, the picture itself first. band: the inconclusive one of
    the deciding model, {"low", "high"}. Copies without a probability are drawn at the foot."""
    rows = pd.DataFrame(
        [
            {
                "copy": c["title"],
                "how": c.get("family") or "",
                "verdict": WORDS.get(c["verdict"], c["verdict"]),
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
    if band:
        zone = pd.DataFrame([{"low": max(0.0, band["low"]), "high": min(1.0, band["high"])}])
        layers.insert(
            0,
            alt.Chart(zone)
            .mark_rect(opacity=0.14, color=MUTED)
            .encode(y=alt.Y("low:Q", title="probability of AI"), y2="high:Q"),
        )
    return alt.layer(*layers).properties(height=height)
