"""A figure and its interval in words: the one place that every page, report and command takes them from.

The verdicts in words and signs: the same on pages, in charts, reports, tables and the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.schema import Verdict

UNKNOWN = "n/a"
BARE = " (no interval)"


def decimal(figure: Mapping[str, Any] | None, digits: int = 2, unknown: str = UNKNOWN, key: str = "value") -> str:
    """{"value", "low", "high"} as `0.91 (0.87 to 0.94)`."""
    return _words(figure, f".{digits}f", 1, unknown, key, "")


def share(figure: Mapping[str, Any] | None, digits: int = 0, unknown: str = UNKNOWN) -> str:
    """{"value", "low", "high"}, 0..1, as `12 % (8 to 17 %)`."""
    return _words(figure, f".{digits}f", 100, unknown, "value", " %")


def probability(p: float) -> str:
    """0..1 as `87 %`; never 0 % or 100 %, which no model can know."""
    percent = 100 * float(p)
    return "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"


def difference(figure: Mapping[str, Any] | None, digits: int = 3, key: str = "difference") -> str:
    """{"difference", "low", "high"} as `+0.030 (-0.010 to +0.070)`."""
    return _words(figure, f"+.{digits}f", 1, UNKNOWN, key, "")


def _words(figure: Mapping[str, Any] | None, form: str, times: int, unknown: str, key: str, unit: str) -> str:
    if not figure or not _number(figure.get(key)):
        return unknown
    value = f"{times * figure[key]:{form}}{unit}"
    low, high = figure.get("low"), figure.get("high")
    if not _number(low) or not _number(high):
        return f"{value}{BARE}"
    return f"{value} ({times * low:{form}} to {times * high:{form}}{unit})"


def _number(value: Any) -> bool:
    return value is not None and value == value


HEADINGS = {verdict.value: verdict.label for verdict in Verdict}
WORDS = {verdict.value: verdict.within for verdict in Verdict}  # within a sentence, a table's cell, a chart
# Beside the words where there are no icons, so that colour never speaks alone.
SIGNS = {"declared_ai": "◆", "likely_ai": "⚠", "inconclusive": "?", "likely_real": "✓", "unreadable": "✕"}
