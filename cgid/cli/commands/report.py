"""`cgid report ID`: the report of a saved check as HTML, PDF or JSON."""

from __future__ import annotations

import argparse
from pathlib import Path

from cgid.cli.command import DONE, Command, add_json
from cgid.cli.output import print_json
from cgid.errors import InputError

FORMATS = ("html", "pdf", "json")


def _run(args: argparse.Namespace) -> int:
    from cgid.files import write_bytes
    from cgid.records.report.write import find_record, write_report

    kind = args.format or (args.output.suffix.lower().lstrip(".") if args.output else "html")
    if kind not in FORMATS:
        raise InputError(f"{args.output} has no known ending; add --format html, pdf or json.")
    record = find_record(args.record)
    output = args.output or Path(f"cgid-report-{record['id']}.{kind}")
    if output.is_dir():
        raise InputError(f"{output} is a folder; name a file.")
    content = write_report(record, kind)
    try:
        write_bytes(output, content)
    except OSError as error:
        raise InputError(f"{output} cannot be written ({error.strerror or error}); name another file.") from error
    if args.json:
        print_json({"output": str(output), "id": record["id"], "sha256": record["sha256"], "format": kind})
    else:
        print(f"{output}: report of record {record['id']}, {len(content):,} bytes")
    return DONE


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "record",
        metavar="ID|SHA256",
        help="the record's id, or its image's sha256 or the beginning of it (newest record)",
    )
    parser.add_argument("--format", choices=FORMATS, help="default: from the ending of --output, else html")
    parser.add_argument(
        "--output", type=Path, metavar="F", help="the file to write (default: cgid-report-ID.FORMAT here)"
    )
    add_json(parser)


COMMANDS = (Command(("report",), "write the report of a saved check as HTML, PDF or JSON", _arguments, _run),)
