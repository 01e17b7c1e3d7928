"""Numbers with intervals and verdicts as text, the same on pages and in charts, reports, tables and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from cgid.schema import Verdict

UNKNOWN = "n/a"
NO_INTERVAL = " (no interval)"


def decimal(metric: Mapping[str, Any] | None, digits: int = 2, unknown: str = UNKNOWN, key: str = "value") -> str:
    """{"value", "low", "high"} as `0.91 (0.87 to 0.94)`."""
    return _with_interval(metric, f".{digits}f", 1, unknown, key, "")


def percentage(metric: Mapping[str, Any] | None, digits: int = 0, unknown: str = UNKNOWN) -> str:
    """{"value", "low", "high"}, 0..1, as `12 % (8 to 17 %)`."""
    return _with_interval(metric, f".{digits}f", 100, unknown, "value", " %")


def probability(p: float) -> str:
    """0..1 as `87 %`; never 0 % or 100 %, as no model is certain."""
    percent = 100 * float(p)
    return "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"


def difference(metric: Mapping[str, Any] | None, digits: int = 3, key: str = "difference") -> str:
    """{"difference", "low", "high"} as `+0.030 (-0.010 to +0.070)`."""
    return _with_interval(metric, f"+.{digits}f", 1, UNKNOWN, key, "")


def _with_interval(metric: Mapping[str, Any] | None, spec: str, factor: int, unknown: str, key: str, unit: str) -> str:
    if not metric or not _number(metric.get(key)):
        return unknown
    value = f"{factor * metric[key]:{spec}}{unit}"
    low, high = metric.get("low"), metric.get("high")
    if not _number(low) or not _number(high):
        return f"{value}{NO_INTERVAL}"
    return f"{value} ({factor * low:{spec}} to {factor * high:{spec}}{unit})"


def _number(value: Any) -> TypeGuard[float]:
    return value is not None and value == value


HEADINGS = {verdict.value: verdict.label for verdict in Verdict}
VERDICT_TEXT = {verdict.value: verdict.within for verdict in Verdict}  # within a sentence, a table's cell, a chart
# Shown with the text where there are no icons, so that colour is never the only cue.
SIGNS = {"declared_ai": "◆", "likely_ai": "⚠", "inconclusive": "?", "likely_real": "✓", "unreadable": "✕"}
