"""The verdicts in words and signs: the same on pages, in charts, reports, tables and the terminal."""

from __future__ import annotations

from cgid.schema import Verdict

HEADINGS = {verdict.value: verdict.label for verdict in Verdict}
WORDS = {verdict.value: verdict.within for verdict in Verdict}  # within a sentence, a table's cell, a chart
# Beside the words where there are no icons, so that colour never speaks alone.
SIGNS = {"declared_ai": "◆", "likely_ai": "⚠", "inconclusive": "?", "likely_real": "✓", "unreadable": "✕"}
