"""The verdicts of several pictures as rows, as CSV that no spreadsheet runs, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cgid.evaluate.verdict_words import SIGNS
from cgid.forensics.plain_text import plain
from cgid.spreadsheet import to_csv

LONGEST = 180  # characters of a line in the table
NOTHING = "Nothing speaks in the file, and no rule fired."
_COLUMNS = ("file", "sha256", "verdict", "probability_ai", "why", "noted", "same_as")


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

    @property
    def why(self) -> str:
        """One sentence why, or what is wrong with the file; text of the file is plain in it."""
        found = self.found
        return plain(found.get("why") or found.get("error") or found.get("reason") or "", 3 * LONGEST)

    @property
    def noted(self) -> str:
        """What the file says and the rules found, strongest first, without a verdict."""
        said = list((self.found.get("provenance") or {}).get("statements") or [])
        fired = sorted((self.found.get("rules") or {}).get("fired") or [], key=lambda f: -f["weight"])
        return plain(" ".join(dict.fromkeys([*said, *(f["reason"] for f in fired)])) or NOTHING, 3 * LONGEST)

    def again(self, name: str, number: int) -> Row:
        """The same file under another name."""
        return replace(self, name=name, same_as=number)


def shared(rows: Sequence[Row]) -> str:
    """The reason that several different pictures have word for word, as it says nothing of any one; `` without one."""
    counted = Counter(r.why for r in rows if r.same_as is None and r.verdict != "unreadable")
    why, times = counted.most_common(1)[0] if counted else ("", 0)
    return why if times > 1 else ""


def one_line(row: Row, common: str = "") -> str:
    """Why, or what was noted where the reason is the one that all share."""
    line = row.noted if common and row.why == common else row.why
    return plain(f"Same file as number {row.same_as}. {line}" if row.same_as else line, LONGEST)


def as_csv(rows: Sequence[Row]) -> bytes:
    return to_csv(
        _COLUMNS,
        [
            (row.name, row.found.get("sha256", ""), row.verdict, row.probability, row.why, row.noted, row.same_as)
            for row in rows
        ],
    )


def as_json(rows: Sequence[Row]) -> str:
    """The list of `cgid check --json`, an object per picture, as they were dropped."""
    found = [{**row.found, "file": row.name} for row in rows]
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
