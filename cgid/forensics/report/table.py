"""Many kept checks at once: a table for a spreadsheet, whole records as JSON lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from cgid import db_analyses
from cgid.db_analyses import Search
from cgid.forensics.plain_text import plain
from cgid.forensics.report.document import own_name, record_json
from cgid.spreadsheet import to_csv

COLUMNS = ("id", "checked", "file", "sha256", "verdict", "probability_ai", "note")
MOST_ROWS, MOST_RECORDS = 100_000, 2_000


def csv(search: Search) -> bytes:
    """The newest MOST_ROWS of what a search finds, without the answers; times in UTC. No cell is run as a formula."""
    rows = db_analyses.listed(search, MOST_ROWS)
    made = ({**row, "checked": _time(row["created"]), "file": plain(own_name(row["file"]), 500)} for row in rows)
    return to_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in made))


def json_lines(search: Search) -> bytes:
    """The newest MOST_RECORDS of what a search finds, whole, one JSON document a line."""
    lines = []
    for row in db_analyses.listed(search, MOST_RECORDS):
        for record in db_analyses.analyses(id=row["id"]):
            lines.append(json.dumps(record_json(record), sort_keys=True))
    return ("\n".join(lines) + "\n" * bool(lines)).encode()


def _time(created: float) -> str:
    return datetime.fromtimestamp(round(created), UTC).isoformat()
