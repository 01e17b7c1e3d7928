"""Follows background jobs from the command line: a line when a job starts, advances or ends."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, TextIO

from cgid.cli.output import format_seconds

if TYPE_CHECKING:
    from cgid.jobs.job import Job

SECONDS_BETWEEN_LINES = 2.0  # about the same job
SECONDS_BETWEEN_RESTARTS = 5.0
SECONDS_BETWEEN_READS = 0.3


def output_of(args: argparse.Namespace) -> TextIO:
    """Where progress goes: standard output, or standard error where that is kept for the JSON document."""
    return sys.stderr if args.json else sys.stdout


def watch(ids: list[str], out: TextIO) -> list[Job]:
    """Print the progress of the jobs to `out` until all have ended; returns them in the order of `ids`."""
    from cgid.jobs.store import list_jobs
    from cgid.jobs.submit import resume_pending

    printed: dict[str, tuple] = {}
    printed_at: dict[str, float] = {}
    position = {id: index for index, id in enumerate(ids, 1)}
    restarted, since = time.monotonic(), time.time()
    while True:
        jobs = {job.id: job for job in list_jobs(ids=ids)}
        for id in sorted(jobs, key=lambda i: (jobs[i].started or 1e18, position[i])):
            job = jobs[id]
            state = (job.status, job.done, job.note)
            changed = job.status != printed.get(id, ("queued",))[0]
            due = changed or time.monotonic() - printed_at.get(id, 0) >= SECONDS_BETWEEN_LINES
            if state != printed.get(id) and due and job.status != "queued":
                printed[id], printed_at[id] = state, time.monotonic()
                print(f"[{position[id]}/{len(ids)}] {job.title}: {_describe(job, since)}", file=out, flush=True)
        if not any(job.live for job in jobs.values()):
            return [jobs[id] for id in ids if id in jobs]
        if time.monotonic() - restarted > SECONDS_BETWEEN_RESTARTS:
            restarted = time.monotonic()
            resume_pending()  # in case the supervisor was killed
        time.sleep(SECONDS_BETWEEN_READS)


def _describe(job: Job, since: float) -> str:
    """since: when watching began; a job that ended before was done by an earlier call."""
    if job.status == "running":
        return f"{job.fraction_done:.0%} {job.note}".rstrip() if job.total else job.note or "started"
    if job.status == "done":
        how = "already done" if (job.finished or 0) < since else f"done in {format_seconds(job.seconds)}"
        return f"{how}. {(job.result or {}).get('summary', '')}".rstrip()
    return f"{job.status}. {job.error}".rstrip()
