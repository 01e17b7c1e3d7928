"""`cgid jobs …`: lists and controls background jobs."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
import time
from typing import Any

from cgid.cli.command import DONE, FAULT, Command, add_json
from cgid.cli.lists import add_list
from cgid.cli.output import format_seconds, print_json
from cgid.errors import InputError


def _list(args: argparse.Namespace) -> int:
    from cgid.jobs.store import list_jobs

    jobs = list_jobs(status=args.status, limit=args.limit)
    if args.json:
        print_json([as_json(job) for job in jobs])
        return DONE
    if not jobs:
        print("No jobs. A command with --queue submits one.")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for job in jobs:
        age = format_seconds(time.time() - job.created)
        print(f"{job.id}  {job.status:<9}  {_progress(job):>4}  {age:>6} ago  {_describe(job)}"[:width])
    return DONE


def _show(args: argparse.Namespace) -> int:
    from cgid.jobs.store import find

    job = find(args.id)
    if args.json:
        print_json(as_json(job))
        return DONE
    for name, value in as_json(job).items():
        if value not in (None, "", [], {}):
            print(f"{name:>12}  {value}")
    return DONE


def _cancel(args: argparse.Namespace) -> int:
    from cgid.jobs.store import find, get, request_cancel

    job = find(args.id)
    if not request_cancel(job.id):
        raise InputError(f"{job.title} ({job.id}) has already ended ({(get(job.id) or job).status}).")
    end = time.monotonic() + 15
    while (now := get(job.id)) is not None and now.live and time.monotonic() < end:
        time.sleep(0.1)
    ended = now is None or not now.live
    if args.json:
        print_json({"id": job.id, "status": now.status if now else "gone"})
    else:
        print(
            f"{job.id} cancelled"
            if ended
            else f"{job.id} is still ending; `cgid jobs show {job.id}` shows when it has ended."
        )
    return DONE if ended else FAULT


def _retry(args: argparse.Namespace) -> int:
    from cgid.jobs.store import find, retry

    job = retry(find(args.id).id)
    if args.json:
        print_json({"id": job.id, "status": job.status})
    else:
        print(f"{job.id} {job.status}")
    return DONE


def _logs(args: argparse.Namespace) -> int:
    from cgid.jobs.store import find

    job = find(args.id)
    text = job.log.read_text(encoding="utf-8", errors="replace") if job.log.exists() else ""
    if args.json:
        print_json({"id": job.id, "log": text})
    else:
        print(text, end="" if text.endswith("\n") else "\n")
    return DONE


def _worker(args: argparse.Namespace) -> int:
    from cgid.jobs.supervisor import serve

    served = serve(args.idle)
    if args.json:
        print_json({"served": served})
    elif not served:
        print("A worker is already running for this home.")
    return DONE


def as_json(job: Any) -> dict[str, Any]:
    """Every column, with the path of the log."""
    from cgid.jobs.job import COLUMNS

    columns = {field: column for column, field in COLUMNS.items()}  # the keys are the columns of the table
    return {columns.get(name, name): value for name, value in dataclasses.asdict(job).items()} | {"log": str(job.log)}


def _progress(job: Any) -> str:
    return f"{job.fraction_done:.0%}" if job.status == "running" and job.total else ""


def _describe(job: Any) -> str:
    note = job.error or job.note if job.status in ("running", "failed") else (job.result or {}).get("summary", "")
    return f"{job.title}: {note}" if note else job.title


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the job's id, or its beginning")
    add_json(parser)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    states = ("queued", "running", "done", "failed", "cancelled")
    add_list(parser, "--status", choices=states, help="only these (default: all)")
    parser.add_argument(
        "--limit", type=int, default=30, metavar="N", help="at most this many, newest first (default: 30)"
    )
    add_json(parser)


def _worker_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--idle", type=float, metavar="X", help="seconds without work after which it ends (default: 10)"
    )
    add_json(parser)


COMMANDS = (
    Command(("jobs", "list"), "list background jobs, newest first", _list_arguments, _list),
    Command(("jobs", "show"), "show everything about one job", _id, _show),
    Command(("jobs", "cancel"), "cancel a job and all its processes", _id, _cancel),
    Command(("jobs", "retry"), "run a failed or cancelled job again", _id, _retry),
    Command(("jobs", "logs"), "print what a job has printed", _id, _logs),
    Command(("jobs", "worker"), "run the worker here instead of in the background", _worker_arguments, _worker),
)
