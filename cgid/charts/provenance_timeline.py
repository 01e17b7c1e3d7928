"""The history that content credentials tell, drawn: an account a row, oldest first, joined to what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from cgid.charts.theme import MUTED, SEVERITIES

MOST_ROWS, ROW, LEGEND = 60, 30, 80  # rows; px
NAMES = 7  # width of the column of names, in lanes
FITS, EARLIER, BROKEN, UNSIGNED = "fits the picture", "earlier account, nothing broken", "does not fit", "unsigned"
_STATES = (FITS, EARLIER, BROKEN, UNSIGNED)
_SHAPES = ("circle", "circle", "cross", "square")
_COLOURS = (SEVERITIES["passed"], "#3b82c4", SEVERITIES["issue"], MUTED)
_MAKERS = {
    "ai": "made by AI",
    "partly_ai": "AI had a part",
    "camera": "taken by a camera",
    "software": "made by software",
}


def state(entry: dict[str, Any]) -> str:
    """In words, of one entry of `provenance["timeline"]`."""
    return BROKEN if not entry["fits"] else FITS if entry["newest"] else EARLIER


def finding(entries: Sequence[dict[str, Any]]) -> str:
    """What the drawing shows, as a sentence, for those who do not see it."""
    if not entries:
        return "No history."
    count = f"{len(entries)} signed accounts" if len(entries) > 1 else "one signed account"
    broken = [str(n) for n, entry in enumerate(entries, 1) if not entry["fits"]]
    holds = f"number {', '.join(broken)} does not fit" if broken else "nothing in it is broken"
    made = [f"number {n} was {_MAKERS[e['made_by']]}" for n, e in enumerate(entries, 1) if e["made_by"] in _MAKERS]
    made = [words.replace("was AI had", "says AI had") for words in made]
    return "; ".join([f"A history of {count}, oldest first: {holds}", *made[:6]]) + "."


def figure(entries: Sequence[dict[str, Any]]) -> alt.LayerChart:
    """entries: as `provenance["timeline"]`. Unsigned ingredients stand above what was made of them while there is room."""
    rows, links = rows_of(entries)
    lanes = max(row["lane"] for row in rows)
    nodes = pd.DataFrame(rows).assign(beside=lanes + 0.6)  # names in one column, so that no line runs through them
    scale = alt.Scale(domain=[-0.4, lanes + NAMES], nice=False)
    x = alt.X("lane:Q", axis=None, scale=scale)
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.6, len(rows) - 0.4], reverse=True, nice=False))
    # One legend for colour and shape: Vega-Lite merges those that are alike.
    legend = alt.Legend(orient="bottom", title=None, columns=2, labelLimit=260)
    points = (
        alt.Chart(nodes)
        .mark_point(size=170, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("state:N", scale=alt.Scale(domain=list(_STATES), range=list(_COLOURS)), legend=legend),
            shape=alt.Shape("state:N", scale=alt.Scale(domain=list(_STATES), range=list(_SHAPES)), legend=legend),
            tooltip=[alt.Tooltip("label:N", title="account"), alt.Tooltip("state:N", title="state")],
        )
    )
    labels = (
        alt.Chart(nodes)
        .mark_text(align="left", baseline="middle", limit=480, fontSize=13, color=MUTED)
        .encode(x=alt.X("beside:Q", axis=None, scale=scale), y=y, text="label:N")
    )
    layers = [points, labels]
    if links:
        lines = alt.Chart(pd.DataFrame(links)).mark_rule(strokeWidth=2, color=MUTED, opacity=0.6)
        layers.insert(
            0, lines.encode(x=alt.X("lane:Q", axis=None), y=alt.Y("row:Q", axis=None), x2="to_lane", y2="to_row")
        )
    return alt.layer(*layers).properties(height=ROW * len(rows) + LEGEND).configure_view(strokeWidth=0)


def rows_of(entries: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, int]]]:
    """([{"row", "lane", "label", "state"}], [{"row", "lane", "to_row", "to_lane"}]): lane 0 is the newest account's."""
    depth = [0] * len(entries)
    for number in range(len(entries) - 1, -1, -1):
        for used in entries[number]["ingredients"]:
            if used["entry"] is not None:
                depth[used["entry"]] = max(depth[used["entry"]], depth[number] + 1)
    room = MOST_ROWS - len(entries)
    rows: list[dict[str, Any]] = []
    place: dict[int, int] = {}
    links = []
    for number, entry in enumerate(entries):
        unsigned = [u for u in entry["ingredients"] if u["entry"] is None][: max(0, room)]
        room -= len(unsigned)
        first = len(rows)
        for used in unsigned:
            name = used["title"] or "a picture without a name"
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
    who = entry["signer"] or "an unnamed signer"
    made = _MAKERS.get(entry["made_by"], "")
    return " · ".join(filter(None, (f"{number + 1}  {entry['title'] or 'without a title'}", who, made)))
