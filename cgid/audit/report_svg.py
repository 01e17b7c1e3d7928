"""Charts of the audit's HTML report: inline SVG and shaded tables, coloured by the page's own style sheet.

Every text goes through `safe`: column names, file names and extensions are untrusted.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDTH, LEFT, RIGHT, ROW, TOP = 760, 290, 60, 22, 26


def safe(text: object, max_chars: int = 300) -> str:
    """One line of text as HTML: nothing in it is a tag, a control or direction character, or longer than `max_chars`."""
    read = str(text)[: 4 * max_chars]
    text_line = " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in read).split())
    return html.escape(
        text_line if len(text_line) <= max_chars and len(str(text)) <= len(read) else text_line[: max_chars - 1] + "…",
        quote=True,
    )


def ranked(rows: Sequence[Mapping[str, Any]]) -> str:
    """Bars of AUC from 0.5 to 1 with intervals and the 0.95 line. rows: of the report, in display order."""
    parts = [_axis(0.5, len(rows), (0.5, 0.6, 0.7, 0.8, 0.9, 1.0))]
    for i, row in enumerate(rows):
        y, x = TOP + i * ROW, _x_position(row["auc"], 0.5)
        hint = f"{row['feature']}: AUC {row['auc']:.3f}{_between(row['auc_low'], row['auc_high'])}, {row['severity']}"
        parts.append(
            f'<g><title>{safe(hint)}</title><text x="{LEFT - 8}" y="{y + 15}" class="name">{safe(row["feature"], 40)}'
            f'</text><rect x="{LEFT}" y="{y + 4}" width="{x - LEFT:.1f}" height="13" class="bar {_level(row)}"/>'
            f"{_whisker(row['auc_low'], row['auc_high'], y + 10.5, 0.5)}"
            f'<text x="{WIDTH - RIGHT + 8}" y="{y + 15}" class="value">{row["auc"]:.2f}</text></g>'
        )
    at, bottom = _x_position(0.95, 0.5), TOP + len(rows) * ROW
    parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 4}" y2="{bottom}" class="limit"/>')
    first = f"first {rows[0]['feature']} with {rows[0]['auc']:.2f}" if rows else "none"
    description = (
        f"Bar chart: {len(rows)} features by the AUC of each alone, with intervals and a line at 0.95; {first}."
    )
    return _svg(parts, bottom, description)


def families(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Dots of balanced accuracy from 0.3 to 1 with intervals and a line at chance level. rows: (family, metric)."""
    rows = list(rows)
    parts, descriptions = [_axis(0.3, len(rows), (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0))], []
    for i, (name, metric) in enumerate(rows):
        y, low, high = TOP + i * ROW, metric["low"], metric["high"]
        descriptions.append(f"{name} {metric['value']:.2f}{_between(low, high)}")
        parts.append(
            f'<g><title>{safe(descriptions[-1])}</title><text x="{LEFT - 8}" y="{y + 15}" class="name">{safe(name, 40)}</text>'
            f"{_whisker(low, high, y + 10.5, 0.3)}"
            f'<circle cx="{_x_position(metric["value"], 0.3):.1f}" cy="{y + 10.5}" r="5" class="dot"/>'
            f'<text x="{WIDTH - RIGHT + 8}" y="{y + 15}" class="value">{metric["value"]:.2f}</text></g>'
        )
    at, bottom = _x_position(0.5, 0.3), TOP + len(rows) * ROW
    parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 4}" y2="{bottom}" class="half"/>')
    return _svg(
        parts, bottom, f"Dot plot: balanced accuracy of a small model on one family alone: {'; '.join(descriptions)}."
    )


def heat(what: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """A table of counts by class, shaded by the fraction of the class. rows: {"value", "real", "ai"}."""
    totals = {c: max(sum(int(r[c]) for r in rows), 1) for c in ("real", "ai")}
    lines = [
        f'<tr><th scope="row">{safe(r["value"], 60)}</th>'
        + "".join(_cell(int(r[c]), int(r[c]) / totals[c], c) for c in ("real", "ai"))
        + "</tr>"
        for r in rows
    ]
    head = f'<tr><th scope="col">{safe(what, 60)}</th><th scope="col">real</th><th scope="col">AI</th></tr>'
    return f'<table class="heat"><thead>{head}</thead><tbody>{"".join(lines)}</tbody></table>'


def _cell(count: int, fraction: float, side: str) -> str:
    return f'<td style="--share:{100 * fraction:.0f}%" class="{side}">{count} <small>{fraction:.0%}</small></td>'


def _svg(parts: list[str], bottom: float, description: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + 8}" role="img" aria-label="{safe(description, 600)}" '
        f'preserveAspectRatio="xMinYMin meet"><title>{safe(description, 600)}</title>{"".join(parts)}</svg>'
    )


def _axis(low: float, rows: int, ticks: Sequence[float]) -> str:
    bottom = TOP + rows * ROW
    return "".join(
        f'<line x1="{_x_position(t, low):.1f}" x2="{_x_position(t, low):.1f}" y1="{TOP - 4}" y2="{bottom}" class="grid"/>'
        f'<text x="{_x_position(t, low):.1f}" y="14" class="tick">{t:.1f}</text>'
        for t in ticks
    )


def _whisker(low: float | None, high: float | None, y: float, start: float) -> str:
    if low is None or high is None or low != low or high != high:
        return ""
    return f'<line x1="{_x_position(low, start):.1f}" x2="{_x_position(high, start):.1f}" y1="{y}" y2="{y}" class="whisker"/>'


def _x_position(value: float, low: float) -> float:
    fraction = (min(max(float(value), low), 1.0) - low) / (1 - low)
    return LEFT + fraction * (WIDTH - LEFT - RIGHT)


def _between(low: float | None, high: float | None) -> str:
    known = low is not None and high is not None and low == low and high == high
    return f" ({low:.2f} to {high:.2f})" if known else " (no interval)"


def _level(row: Mapping[str, Any]) -> str:
    return row["severity"] if row["severity"] in ("issue", "warning") else "fine"
