"""`cgid demo`: the whole demonstration on simulated data, built in the background and watched from here."""

from __future__ import annotations

import argparse
import sys
import time

from cgid.cli.command import DONE, FAULT, INTERRUPTED, Command, add_json
from cgid.cli.output import format_seconds, print_json
from cgid.cli.watch import output_of, watch
from cgid.errors import InputError
from cgid.extras import require

MIN_IMAGES = 40
JOB_FIELDS = ("id", "kind", "title", "status", "error", "seconds", "result")


def _run(args: argparse.Namespace) -> int:
    from cgid.jobs.submit import submit_chain
    from cgid.pipelines.demo import chain

    if args.count < MIN_IMAGES:
        raise InputError(f"--count {args.count} is too few to split and train on; use {MIN_IMAGES} or more.")
    require("train")
    start = time.monotonic()
    ids = submit_chain(chain(args.count))
    try:
        jobs = watch(ids, output_of(args))
    except KeyboardInterrupt:
        print("The demo goes on in the background; `cgid jobs list` shows it.", file=sys.stderr)
        return INTERRUPTED
    seconds = time.monotonic() - start
    failed = [job for job in jobs if job.status != "done"]
    if args.json:
        records = [{name: getattr(job, name) for name in JOB_FIELDS} for job in jobs]
        print_json({"ok": not failed, "seconds": seconds, "jobs": records})
    elif failed:
        print(f"{len(failed)} of {len(jobs)} steps did not succeed; `cgid jobs logs ID` has the details.")
    else:
        print(f"The demo is ready ({format_seconds(seconds)}): `cgid app` shows it.")
    return FAULT if failed else DONE


def _arguments(parser: argparse.ArgumentParser) -> None:
    help = "images in each of the two simulated sets, half real, half AI (default: 800)"
    parser.add_argument("--count", type=int, default=800, metavar="N", help=help)
    add_json(parser)


COMMANDS = (
    Command(("demo",), "build the simulated demo: data, features, both models, audit, ablation", _arguments, _run),
)
