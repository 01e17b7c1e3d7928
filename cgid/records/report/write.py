"""Exports of saved checks: the report of one record as HTML, PDF or JSON; many records as CSV or JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cgid.errors import InputError
from cgid.escape import plain, to_csv
from cgid.records import keep, store
from cgid.records.report.document import file_name, record_json
from cgid.records.store import Search

FORMATS = {"html": "text/html", "pdf": "application/pdf", "json": "application/json"}


def write_report(record: Mapping[str, Any], kind: str) -> bytes:
    """The file of a report. record: see `store.analyses`. kind: of FORMATS. The same record and thumbnail give the same
    bytes.
    """
    from cgid.records.report.document import build_report, record_json

    path = keep.thumbnail_path(str(record.get("sha256") or ""))
    picture = path.read_bytes() if path else b""
    if kind == "json":
        return (json.dumps(record_json(record, picture), indent=1, sort_keys=True) + "\n").encode()
    if kind == "pdf":
        from cgid.records.report.pdf import pdf

        return pdf(build_report(record, picture))
    from cgid.records.report.html import html

    return html(build_report(record, picture)).encode()


def find_record(query: str) -> dict[str, Any]:
    """The record of an id, or the newest one of a sha256 or its prefix (8 digits or more).

    Raises InputError where there is none, or where the prefix is ambiguous.
    """
    query = query.strip().lower()
    if re.fullmatch(r"[0-9]{1,15}", query) and (records := store.analyses(id=int(query))):
        return records[0]
    if re.fullmatch(r"[0-9a-f]{8,64}", query):
        contents = store.contents_beginning(query)
        if len(contents) > 1:
            raise InputError(f"More than one sha256 begins with {query}. Give more digits.")
        if contents:
            return store.analyses(sha256=contents[0], limit=1)[0]
    raise InputError(
        f"There is no record {query[:80]!r}; `cgid records list` shows ids and the first digits of each sha256."
    )


COLUMNS = ("id", "checked", "file", "sha256", "verdict", "probability_ai", "note")
MAX_ROWS, MAX_RECORDS = 100_000, 2_000


def records_csv(search: Search) -> bytes:
    """CSV of the newest MAX_ROWS matching records, without the answers; times in UTC. No cell is run as a formula."""
    rows = store.list_records(search, MAX_ROWS)
    cells = ({**row, "checked": _time(row["created"]), "file": plain(file_name(row["file"]), 500)} for row in rows)
    return to_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in cells))


def records_json_lines(search: Search) -> bytes:
    """The newest MAX_RECORDS matching records in full, one JSON document per line."""
    lines = []
    for row in store.list_records(search, MAX_RECORDS):
        for record in store.analyses(id=row["id"]):
            lines.append(json.dumps(record_json(record), sort_keys=True))
    return ("\n".join(lines) + "\n" * bool(lines)).encode()


def _time(created: float) -> str:
    return datetime.fromtimestamp(round(created), UTC).isoformat()
