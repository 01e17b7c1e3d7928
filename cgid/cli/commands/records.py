"""`cgid records …`: lists, annotates and deletes saved checks."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any

from cgid.cli.command import DONE, Command, add_json
from cgid.cli.lists import add_list
from cgid.cli.output import print_json
from cgid.errors import InputError
from cgid.formatting import VERDICT_TEXT


def _list(args: argparse.Namespace) -> int:
    from cgid.records.store import Search, count_matching, list_records

    if args.limit < 1 or args.offset < 0:
        raise InputError("--limit is 1 or more, --offset 0 or more.")
    until = args.until + timedelta(days=1) if args.until else None
    since = args.since.timestamp() if args.since else None
    search = Search(args.search, tuple(args.verdict or ()), since, until.timestamp() if until else None, args.newest)
    rows = list_records(search, args.limit, args.offset)
    if args.json:
        print_json({"found": count_matching(search), "records": rows})
        return DONE
    for row in rows:
        print(_line(row))
    rest = count_matching(search) - args.offset - len(rows)
    if rest > 0:
        print(f"{rest} more: --offset {args.offset + len(rows)}")
    if not rows:
        print("No such records. `cgid check IMAGE` saves one.")
    return DONE


def _note(args: argparse.Namespace) -> int:
    from cgid.records.report.write import find_record
    from cgid.records.store import MAX_NOTE_CHARS, write_note

    record = find_record(args.record)
    if len(args.text) > MAX_NOTE_CHARS:
        raise InputError(f"The note has {len(args.text)} characters; {MAX_NOTE_CHARS} is the most.")
    write_note(record["id"], args.text)
    if args.json:
        print_json({"id": record["id"], "note": args.text})
    else:
        print(f"{record['id']} {'noted' if args.text else 'without a note now'}")
    return DONE


def _delete(args: argparse.Namespace) -> int:
    from cgid.records import keep

    if args.all == bool(args.ids):
        raise InputError("Name the records to delete, or --all; a deleted record cannot be brought back.")
    deleted = keep.delete_records(None if args.all else args.ids)
    orphaned = keep.sweep()
    if args.json:
        print_json({"deleted": deleted, "orphaned_pictures": orphaned})
    else:
        print(f"{deleted} deleted, with the thumbnails that no other record needs.")
    return DONE


def _line(row: dict[str, Any]) -> str:
    from cgid.escape import plain
    from cgid.formatting import probability
    from cgid.records.report.text import is_number

    when = datetime.fromtimestamp(row["created"]).strftime("%Y-%m-%d %H:%M")
    p = row["probability_ai"]
    percent = probability(p) if is_number(p) else "-"
    note = f"  ({plain(row['note'], 60)})" if row["note"] else ""
    name = plain(row["file"].replace("\\", "/").split("/")[-1], 60)
    return f"{row['id']:>6}  {when}  {row['verdict']:<12}  {percent:>9}  {row['sha256'][:12]:<12}  {name}{note}"


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-30") from None


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--search", default="", metavar="TEXT", help="part of the file name or note, or the beginning of a sha256"
    )
    add_list(parser, "--verdict", choices=[*VERDICT_TEXT], help="only these (default: all)")
    parser.add_argument("--since", type=_day, metavar="DATE", help="first day, such as 2026-11-01, local time")
    parser.add_argument("--until", type=_day, metavar="DATE", help="last day, local time")
    parser.add_argument("--newest", action="store_true", help="only the newest record of each image")
    parser.add_argument(
        "--limit", type=int, default=30, metavar="N", help="at most this many, newest first (default: 30)"
    )
    parser.add_argument("--offset", type=int, default=0, metavar="N", help="skip this many (default: 0)")
    add_json(parser)


def _note_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="ID|SHA256", help="the record's id, or its image's sha256 (newest record)")
    parser.add_argument("text", metavar="TEXT", help="plain text, 2000 characters at most; '' removes the note")
    add_json(parser)


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    add_list(parser, "ids", nargs="*", item=int, metavar="ID", help="records to delete; this cannot be undone")
    parser.add_argument("--all", action="store_true", help="every record and every thumbnail")
    add_json(parser)


COMMANDS = (
    Command(("records", "list"), "list saved checks, newest first", _list_arguments, _list),
    Command(("records", "note"), "write a note to a saved check", _note_arguments, _note),
    Command(("records", "delete"), "delete saved checks and their thumbnails", _delete_arguments, _delete),
)
