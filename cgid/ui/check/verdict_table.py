"""The verdicts of several pictures as rows, as CSV that no spreadsheet runs, and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cgid.forensics.plain_text import plain

# Words with a sign before them, as running text shows no icons: never colour alone.
VERDICT_WORDS = {
    "likely_real": "likely real",
    "inconclusive": "inconclusive",
    "likely_ai": "likely AI",
    "declared_ai": "declared AI",
    "unreadable": "cannot be read",
}
SIGNS = {"likely_real": "✓", "inconclusive": "?", "likely_ai": "⚠", "declared_ai": "◆", "unreadable": "✕"}
LONGEST = 180
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("file", "sha256", "verdict", "probability_ai", "why", "same_as")


@dataclass(frozen=True, slots=True)
class Row:
    """found: the object of `check --json`. thumbnail: a data URL or None. same_as: the number, from 1, of the row that
    holds the very same file."""

    name: str
    found: Mapping[str, Any]
    thumbnail: str | None = None
    same_as: int | None = None

    @property
    def verdict(self) -> str:
        return self.found["verdict"]

    @property
    def sign(self) -> str:
        return SIGNS[self.verdict]

    @property
    def probability(self) -> float | None:
        """Calibrated P(AI) of the deciding model; None where models have no say."""
        return self.found.get("probability_ai")

    def again(self, name: str, number: int) -> Row:
        """The same file under another name."""
        return replace(self, name=name, same_as=number)


def one_line(row: Row) -> str:
    """One sentence why, or what is wrong with the file; text of the file is plain in it."""
    why = row.found.get("why") or row.found.get("error") or row.found.get("reason") or ""
    why = f"Same file as number {row.same_as}. {why}" if row.same_as else why
    return plain(why, LONGEST)


def as_csv(rows: Sequence[Row]) -> str:
    """With a byte order mark, so that Excel reads names as they are. Formulas are disarmed by an apostrophe (OWASP)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        chance = "" if row.probability is None else f"{row.probability:.4f}"
        cells = (row.name, row.found.get("sha256", ""), row.verdict, chance, one_line(row), str(row.same_as or ""))
        writer.writerow(disarmed(cell) for cell in cells)
    return "\ufeff" + out.getvalue()


def disarmed(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


def as_json(rows: Sequence[Row]) -> str:
    """The list of `cgid check --json`, an object per picture, as they were dropped."""
    found = [{**row.found, "file": row.name} for row in rows]
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
