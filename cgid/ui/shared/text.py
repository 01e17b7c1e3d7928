"""Metrics, durations and untrusted text, formatted for pages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cgid import formatting
from cgid.formatting import HEADINGS

_LOOKS = {
    "likely_real": (":material/check_circle:", "green"),
    "inconclusive": (":material/help:", "gray"),
    "likely_ai": (":material/warning:", "orange"),
    "declared_ai": (":material/verified:", "violet"),
    "unreadable": (":material/broken_image:", "red"),
}
VERDICTS = {verdict: (HEADINGS[verdict], *looks) for verdict, looks in _LOOKS.items()}  # title, icon, colour


def percent(value: float | None, digits: int = 0) -> str:
    return "n/a" if value is None or value != value else f"{100 * value:.{digits}f} %"


def probability(p: float | None) -> str:
    """`87 %`; never 0 % or 100 %, since no model can be certain."""
    return "n/a" if p is None or p != p else formatting.probability(p)


def share(figure: Mapping[str, Any] | None, digits: int = 0) -> str:
    """{"value", "low", "high"} as `12 % (8 to 17 %)`."""
    return formatting.percentage(figure, digits)


def decimal(figure: Mapping[str, Any] | None) -> str:
    """{"value", "low", "high"} as `0.91 (0.87 to 0.94)`."""
    return formatting.decimal(figure)


def duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def ago(when: float | str | None) -> str:
    """Seconds since 1970 or an ISO time, as `3 min ago`."""
    if not when:
        return ""
    if isinstance(when, str):
        try:
            parsed = datetime.fromisoformat(when)
        except ValueError:
            return when
        when = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    return f"{duration(max(0.0, time.time() - when))} ago"


def code(text: object) -> str:
    """Untrusted text as inline code, so that nothing in it is read as Markdown."""
    flat = " ".join(str(text).split())
    fence = "`"
    while fence in flat:
        fence += "`"
    return f"{fence} {flat} {fence}" if "`" in flat else f"`{flat or ' '}`"


def short(text: object, most: int = 80) -> str:
    """The text in one line, shortened in the middle, so that the end of a file name stays readable."""
    flat = " ".join(str(text).split())
    if len(flat) <= most:
        return flat
    keep = most - 1
    return f"{flat[: keep - keep // 3]}…{flat[-(keep // 3) :]}"


_SPECIAL = str.maketrans({c: "\\" + c for c in "\\`*_{}[]()#+-.!|<>~$:&^="})


def literal(text: object) -> str:
    """Untrusted text as running text: nothing in it is read as Markdown, a link, an image or a formula."""
    return str(text).replace("\n", " ").translate(_SPECIAL)
