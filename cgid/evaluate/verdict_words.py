"""The verdicts in words and signs: the same on pages, in charts, reports, tables and the terminal."""

from __future__ import annotations

HEADINGS = {
    "declared_ai": "Declared AI by its own data",
    "likely_ai": "Likely AI",
    "inconclusive": "Inconclusive",
    "likely_real": "Likely real",
    "unreadable": "Cannot be read",
}
# Within a sentence, a table's cell, a chart.
WORDS = {
    "declared_ai": "declared AI",
    "likely_ai": "likely AI",
    "inconclusive": "inconclusive",
    "likely_real": "likely real",
    "unreadable": "cannot be read",
}
# Beside the words where there are no icons, so that colour never speaks alone.
SIGNS = {"declared_ai": "◆", "likely_ai": "⚠", "inconclusive": "?", "likely_real": "✓", "unreadable": "✕"}
