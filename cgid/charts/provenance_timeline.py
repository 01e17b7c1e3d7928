"""Timeline of content credentials: one manifest per row, oldest first, linked to the manifests that use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import MUTED, SEVERITIES

MAX_ROWS, ROW, LEGEND = 60, 30, 80  # rows; px
NAME_COLUMN_LANES = 7  # width of the column of names, in lanes
FITS, EARLIER, BROKEN, UNSIGNED = "valid for this image", "earlier manifest, valid", "invalid", "unsigned"
_STATES = (FITS, EARLIER, BROKEN, UNSIGNED)
_SHAPES = ("circle", "circle", "cross", "square")
_COLOURS = (SEVERITIES["passed"], "#3b82c4", SEVERITIES["issue"], MUTED)
_MAKERS = {
    "ai": "AI-generated",
    "partly_ai": "partly made by AI",
    "camera": "taken by a camera",
    "software": "made by software",
}


def state(entry: dict[str, Any]) -> str:
    """State of one entry of `provenance["timeline"]`, as text."""
    return BROKEN if not entry["fits"] else FITS if entry["newest"] else EARLIER


def describe(entries: Sequence[dict[str, Any]]) -> str:
    """Alternative text of the chart, in one sentence."""
    if not entries:
        return "No history."
    count = f"{len(entries)} manifests" if len(entries) > 1 else "one manifest"
    broken = [str(n) for n, entry in enumerate(entries, 1) if not entry["fits"]]
    holds = f"number {', '.join(broken)} is invalid" if broken else "all are valid"
    makers = [f"number {n} was {_MAKERS[e['made_by']]}" for n, e in enumerate(entries, 1) if e["made_by"] in _MAKERS]
    return "; ".join([f"A history of {count}, oldest first: {holds}", *makers[:6]]) + "."


def timeline_chart(entries: Sequence[dict[str, Any]]) -> alt.LayerChart:
    """entries: as `provenance["timeline"]`. Unsigned ingredients are above the manifests that use them, as far as rows allow."""
    rows, links = rows_of(entries)
    lanes = max(row["lane"] for row in rows)
    nodes = pd.DataFrame(rows).assign(label_lane=lanes + 0.6)  # names in one column, so that no line crosses them
    scale = alt.Scale(domain=[-0.4, lanes + NAME_COLUMN_LANES], nice=False)
    x = alt.X("lane:Q", axis=None, scale=scale)
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.6, len(rows) - 0.4], reverse=True, nice=False))
    # One legend for colour and shape: Vega-Lite merges identical ones.
    legend = alt.Legend(orient="bottom", title=None, columns=2, labelLimit=260)
    points = (
        alt.Chart(nodes)
        .mark_point(size=170, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("state:N", scale=alt.Scale(domain=list(_STATES), range=list(_COLOURS)), legend=legend),
            shape=alt.Shape("state:N", scale=alt.Scale(domain=list(_STATES), range=list(_SHAPES)), legend=legend),
            tooltip=[alt.Tooltip("label:N", title="manifest"), alt.Tooltip("state:N", title="state")],
        )
    )
    labels = (
        alt.Chart(nodes)
        .mark_text(align="left", baseline="middle", limit=480, fontSize=13, color=MUTED)
        .encode(x=alt.X("label_lane:Q", axis=None, scale=scale), y=y, text="label:N")
    )
    layers = [points, labels]
    if links:
        lines = alt.Chart(pd.DataFrame(links)).mark_rule(strokeWidth=2, color=MUTED, opacity=0.6)
        layers.insert(
            0, lines.encode(x=alt.X("lane:Q", axis=None), y=alt.Y("row:Q", axis=None), x2="to_lane", y2="to_row")
        )
    return alt.layer(*layers).properties(height=ROW * len(rows) + LEGEND).configure_view(strokeWidth=0)


def rows_of(entries: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, int]]]:
    """([{"row", "lane", "label", "state"}], [{"row", "lane", "to_row", "to_lane"}]): lane 0 is that of the newest manifest."""
    depth = [0] * len(entries)
    for number in range(len(entries) - 1, -1, -1):
        for used in entries[number]["ingredients"]:
            if used["entry"] is not None:
                depth[used["entry"]] = max(depth[used["entry"]], depth[number] + 1)
    room = MAX_ROWS - len(entries)
    rows: list[dict[str, Any]] = []
    place: dict[int, int] = {}
    links = []
    for number, entry in enumerate(entries):
        unsigned = [u for u in entry["ingredients"] if u["entry"] is None][: max(0, room)]
        room -= len(unsigned)
        first = len(rows)
        for used in unsigned:
            name = used["title"] or "an unnamed image"
            lost = "its credentials are missing" if used["missing"] else "unsigned"
            rows.append(_row(rows, depth[number] + 1, f"{name} ({lost})", UNSIGNED))
        place[number] = len(rows)
        rows.append(_row(rows, depth[number], _label(number, entry), state(entry)))
        sources = [
            *range(first, len(rows) - 1),
            *(place[u["entry"]] for u in entry["ingredients"] if u["entry"] in place),
        ]
        here = {"to_row": len(rows) - 1, "to_lane": depth[number]}
        links += [{"row": n, "lane": rows[n]["lane"], **here} for n in dict.fromkeys(sources)]
    return rows, links


def _row(rows: list[dict[str, Any]], lane: int, label: str, state: str) -> dict[str, Any]:
    return {"row": len(rows), "lane": lane, "label": label, "state": state}


def _label(number: int, entry: dict[str, Any]) -> str:
    signer = entry["signer"] or "an unnamed signer"
    maker = _MAKERS.get(entry["made_by"], "")
    return " · ".join(filter(None, (f"{number + 1}  {entry['title'] or 'without a title'}", signer, maker)))
