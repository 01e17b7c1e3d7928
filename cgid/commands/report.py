"""`cgid report ID`: a kept check as a file to hand on: HTML, PDF or JSON."""

from __future__ import annotations

import argparse
from pathlib import Path

from cgid.cli_command import DONE, Command, add_json, say_json
from cgid.errors import InputError

FORMATS = ("html", "pdf", "json")


def _run(asked: argparse.Namespace) -> int:
    from cgid.files import write_bytes
    from cgid.forensics.report.write import find, write

    kind = asked.format or (asked.output.suffix.lower().lstrip(".") if asked.output else "html")
    if kind not in FORMATS:
        raise InputError(f"{asked.output} does not tell a format; add --format html, pdf or json.")
    record = find(asked.record)
    output = asked.output or Path(f"cgid-report-{record['id']}.{kind}")
    if output.is_dir():
        raise InputError(f"{output} is a folder; name a file.")
    content = write(record, kind)
    try:
        write_bytes(output, content)
    except OSError as error:
        raise InputError(f"{output} cannot be written ({error.strerror or error}); name another file.") from error
    if asked.json:
        say_json({"output": str(output), "id": record["id"], "sha256": record["sha256"], "format": kind})
    else:
        print(f"{output}: report of record {record['id']}, {len(content):,} bytes")
    return DONE


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "record",
        metavar="ID|SHA256",
        help="the record's id, or its picture's sha256 or the beginning of it (newest record)",
    )
    parser.add_argument("--format", choices=FORMATS, help="default: as the output's name ends, else html")
    parser.add_argument(
        "--output", type=Path, metavar="F", help="the file to write (default: cgid-report-ID.FORMAT here)"
    )
    add_json(parser)


COMMANDS = (Command(("report",), "write the report of a kept check as HTML, PDF or JSON", _arguments, _run),)
