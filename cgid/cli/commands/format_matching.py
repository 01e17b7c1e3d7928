"""`cgid format-matching run`: how much does the file format leak? A chain of background jobs, watched from here."""

from __future__ import annotations

import argparse
import sys
import time

from cgid.cli.command import DONE, FAULT, INTERRUPTED, Command
from cgid.cli.output import format_seconds, print_json
from cgid.cli.steps import add_flags, params_from
from cgid.cli.watch import output_of, watch
from cgid.format_matching.params import FormatStudyParams
from cgid.params import canonical, restore

JOB_FIELDS = ("id", "kind", "status", "error", "seconds")


def _run(args: argparse.Namespace) -> int:
    from cgid.jobs.submit import submit_chain
    from cgid.pipelines.format_study import chain

    params = restore(FormatStudyParams, canonical(params_from(FormatStudyParams, args)))
    start = time.monotonic()
    ids = submit_chain(chain(params))
    if args.queue:
        if args.json:
            print_json({"ids": ids})
        else:
            print("\n".join(ids))
        return DONE
    try:
        jobs = watch(ids, output_of(args))
    except KeyboardInterrupt:
        print("The experiment goes on in the background; `cgid jobs list` shows it.", file=sys.stderr)
        return INTERRUPTED
    failed = [job for job in jobs if job.status != "done"]
    report = jobs[-1].result or {} if jobs else {}
    if args.json:
        records = [{name: getattr(job, name) for name in JOB_FIELDS} for job in jobs]
        print_json({"ok": not failed, "jobs": records, "report": report})
    elif failed:
        print(f"{len(failed)} of {len(jobs)} steps did not succeed; `cgid jobs logs ID` has the details.")
    else:
        seconds = format_seconds(time.monotonic() - start)
        print(f"The experiment is done ({seconds}): {params.output_dir / 'treatment_study.md'}")
        print(f"\n{report.get('table_text', '')}")
    return FAULT if failed else DONE


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, FormatStudyParams)


COMMANDS = (
    Command(
        ("format-matching", "run"),
        "measure how much the file format leaks: audit and models before and after matching the formats",
        _arguments,
        _run,
        (("treatment-study",),),
    ),
)
