"""A report of a kept record, as a file's bytes: by the record's id, in one of three formats.

Many kept checks at once: a table for a spreadsheet, whole records as JSON lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cgid.errors import InputError
from cgid.escape import plain, to_csv
from cgid.records import keep, store
from cgid.records.report.document import own_name, record_json
from cgid.records.store import Search

FORMATS = {"html": "text/html", "pdf": "application/pdf", "json": "application/json"}


def write(record: Mapping[str, Any], kind: str) -> bytes:
    """record: as `db_analyses.analyses` gives it. kind: of FORMATS. The same record and picture give the same bytes."""
    from cgid.records.report.document import record_json, report

    path = keep.kept(str(record.get("sha256") or ""))
    picture = path.read_bytes() if path else b""
    if kind == "json":
        return (json.dumps(record_json(record, picture), indent=1, sort_keys=True) + "\n").encode()
    if kind == "pdf":
        from cgid.records.report.pdf import pdf

        return pdf(report(record, picture))
    from cgid.records.report.html import html

    return html(report(record, picture)).encode()


def find(asked: str) -> dict[str, Any]:
    """The record of an id, or the newest one of a sha256 or its beginning (8 letters or more).

    Raises InputError where there is none, or where several contents begin so.
    """
    asked = asked.strip().lower()
    if re.fullmatch(r"[0-9]{1,15}", asked) and (found := store.analyses(id=int(asked))):
        return found[0]
    if re.fullmatch(r"[0-9a-f]{8,64}", asked):
        contents = store.beginning(asked)
        if len(contents) > 1:
            raise InputError(f"More than one picture's sha256 begins with {asked}; give more of it.")
        if contents:
            return store.analyses(sha256=contents[0], limit=1)[0]
    raise InputError(f"There is no record {asked[:80]!r}; `cgid records list` shows ids and the beginnings of sha256.")


COLUMNS = ("id", "checked", "file", "sha256", "verdict", "probability_ai", "note")
MOST_ROWS, MOST_RECORDS = 100_000, 2_000


def csv(search: Search) -> bytes:
    """The newest MOST_ROWS of what a search finds, without the answers; times in UTC. No cell is run as a formula."""
    rows = store.listed(search, MOST_ROWS)
    made = ({**row, "checked": _time(row["created"]), "file": plain(own_name(row["file"]), 500)} for row in rows)
    return to_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in made))


def json_lines(search: Search) -> bytes:
    """The newest MOST_RECORDS of what a search finds, whole, one JSON document a line."""
    lines = []
    for row in store.listed(search, MOST_RECORDS):
        for record in store.analyses(id=row["id"]):
            lines.append(json.dumps(record_json(record), sort_keys=True))
    return ("\n".join(lines) + "\n" * bool(lines)).encode()


def _time(created: float) -> str:
    return datetime.fromtimestamp(round(created), UTC).isoformat()
