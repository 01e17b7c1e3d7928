"""`cgid records …`: what was checked and kept, and a hand on it.

`cgid report ID`: a kept check as a file to hand on: HTML, PDF or JSON.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cgid.cli.command import DONE, Command, add_json, say_json
from cgid.errors import InputError
from cgid.formatting import WORDS


def _list(asked: argparse.Namespace) -> int:
    from cgid.records.store import Search, counted, listed

    if asked.limit < 1 or asked.offset < 0:
        raise InputError("--limit is 1 or more, --offset 0 or more.")
    until = asked.until + timedelta(days=1) if asked.until else None
    since = asked.since.timestamp() if asked.since else None
    search = Search(asked.search, tuple(asked.verdict or ()), since, until.timestamp() if until else None, asked.newest)
    found = listed(search, asked.limit, asked.offset)
    if asked.json:
        say_json({"found": counted(search), "records": found})
        return DONE
    for row in found:
        print(_line(row))
    rest = counted(search) - asked.offset - len(found)
    if rest > 0:
        print(f"{rest} more: --offset {asked.offset + len(found)}")
    if not found:
        print("No such records. `cgid check IMAGE` keeps one.")
    return DONE


def _note(asked: argparse.Namespace) -> int:
    from cgid.records.report.write import find
    from cgid.records.store import LONGEST_NOTE, write_note

    record = find(asked.record)
    if len(asked.text) > LONGEST_NOTE:
        raise InputError(f"The note has {len(asked.text)} characters; {LONGEST_NOTE} are kept at most.")
    write_note(record["id"], asked.text)
    if asked.json:
        say_json({"id": record["id"], "note": asked.text})
    else:
        print(f"{record['id']} {'noted' if asked.text else 'has no note any more'}")
    return DONE


def _delete(asked: argparse.Namespace) -> int:
    from cgid.records import keep

    if asked.all == bool(asked.ids):
        raise InputError("Name the records to delete, or --all; a deleted record cannot be brought back.")
    gone = keep.forget(None if asked.all else asked.ids)
    pictures = keep.sweep()
    if asked.json:
        say_json({"deleted": gone, "orphaned_pictures": pictures})
    else:
        print(f"{gone} deleted, with the small pictures that no other record needs.")
    return DONE


def _line(row: dict[str, Any]) -> str:
    from cgid.escape import plain
    from cgid.formatting import probability
    from cgid.records.report.text import is_number

    when = datetime.fromtimestamp(row["created"]).strftime("%Y-%m-%d %H:%M")
    p = row["probability_ai"]
    share = probability(p) if is_number(p) else "-"
    note = f"  ({plain(row['note'], 60)})" if row["note"] else ""
    name = plain(row["file"].replace("\\", "/").split("/")[-1], 60)
    return f"{row['id']:>6}  {when}  {row['verdict']:<12}  {share:>9}  {row['sha256'][:12]:<12}  {name}{note}"


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-11-30") from None


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--search", default="", metavar="TEXT", help="in file name or note, or how a sha256 begins")
    parser.add_argument("--verdict", nargs="+", choices=[*WORDS], help="only these (default: all)")
    parser.add_argument("--since", type=_day, metavar="DATE", help="first day, such as 2026-11-01, local time")
    parser.add_argument("--until", type=_day, metavar="DATE", help="last day, local time")
    parser.add_argument("--newest", action="store_true", help="of each picture its newest record only")
    parser.add_argument(
        "--limit", type=int, default=30, metavar="N", help="at most this many, newest first (default: 30)"
    )
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="leave out this many first (default: 0)")
    add_json(parser)


def _note_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="ID|SHA256", help="the record's id, or its picture's sha256 (newest record)")
    parser.add_argument("text", metavar="TEXT", help="plain text, 2000 characters at most; '' takes the note away")
    add_json(parser)


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="records to delete; this cannot be undone")
    parser.add_argument("--all", action="store_true", help="every record and every small picture")
    add_json(parser)


RECORDS_COMMANDS = (
    Command(("records", "list"), "list kept checks, newest first", _list_arguments, _list),
    Command(("records", "note"), "write a note to a kept check", _note_arguments, _note),
    Command(("records", "delete"), "delete kept checks and their small pictures", _delete_arguments, _delete),
)


FORMATS = ("html", "pdf", "json")


def _run(asked: argparse.Namespace) -> int:
    from cgid.files import write_bytes
    from cgid.records.report.write import find, write

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


REPORT_COMMANDS = (Command(("report",), "write the report of a kept check as HTML, PDF or JSON", _arguments, _run),)

COMMANDS = (
    *RECORDS_COMMANDS,
    *REPORT_COMMANDS,
)
