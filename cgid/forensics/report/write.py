"""A report of a kept record, as a file's bytes: by the record's id, in one of three formats."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from cgid import db_analyses
from cgid.errors import InputError
from cgid.forensics import thumbnails

FORMATS = {"html": "text/html", "pdf": "application/pdf", "json": "application/json"}


def write(record: Mapping[str, Any], kind: str) -> bytes:
    """record: as `db_analyses.analyses` gives it. kind: of FORMATS. The same record and picture give the same bytes."""
    from cgid.forensics.report.document import record_json, report

    path = thumbnails.kept(str(record.get("sha256") or ""))
    picture = path.read_bytes() if path else b""
    if kind == "json":
        return (json.dumps(record_json(record, picture), indent=1, sort_keys=True) + "\n").encode()
    if kind == "pdf":
        from cgid.forensics.report.pdf import pdf

        return pdf(report(record, picture))
    from cgid.forensics.report.html import html

    return html(report(record, picture)).encode()


def find(asked: str) -> dict[str, Any]:
    """The record of an id, or the newest one of a sha256 or its beginning (8 letters or more).

    Raises InputError where there is none, or where several contents begin so.
    """
    asked = asked.strip().lower()
    if re.fullmatch(r"[0-9]{1,15}", asked) and (found := db_analyses.analyses(id=int(asked))):
        return found[0]
    if re.fullmatch(r"[0-9a-f]{8,64}", asked):
        contents = db_analyses.beginning(asked)
        if len(contents) > 1:
            raise InputError(f"More than one picture's sha256 begins with {asked}; give more of it.")
        if contents:
            return db_analyses.analyses(sha256=contents[0], limit=1)[0]
    raise InputError(f"There is no record {asked[:80]!r}; `cgid records list` shows ids and the beginnings of sha256.")
