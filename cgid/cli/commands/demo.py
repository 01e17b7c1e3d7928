"""`cgid demo`: the whole story on simulated data, built in the background and watched from here.

`cgid treatment-study`: what did the file format tell? A chain of background jobs, watched from here.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, TextIO

from cgid.cli.command import DONE, FAULT, INTERRUPTED, Command, add_json, ago, flags, params_from, say_json
from cgid.errors import InputError
from cgid.extras import require
from cgid.format_matching.params import TreatmentStudyParams
from cgid.params import canonical, restore

if TYPE_CHECKING:
    from cgid.jobs.job import Job

BETWEEN_LINES = 2.0  # seconds between two lines about the same job


def _run(asked: argparse.Namespace) -> int:
    from cgid.jobs.submit import submit_chain
    from cgid.pipelines.demo import chain

    if asked.count < 40:
        raise InputError(f"--count {asked.count} is too few to split and learn from; 40 is the least.")
    require("train")
    began = time.monotonic()
    ids = submit_chain(chain(asked.count))
    out = sys.stderr if asked.json else sys.stdout
    try:
        done = watch(ids, out)
    except KeyboardInterrupt:
        print("The demo goes on in the background; `cgid jobs list` shows it.", file=sys.stderr)
        return INTERRUPTED
    seconds = time.monotonic() - began
    failed = [job for job in done if job.status != "done"]
    if asked.json:
        jobs = [
            {**{n: getattr(j, n) for n in ("id", "kind", "title", "status", "error", "seconds", "result")}}
            for j in done
        ]
        say_json({"ok": not failed, "seconds": seconds, "jobs": jobs})
    elif failed:
        print(f"{len(failed)} of {len(done)} steps did not succeed; `cgid jobs logs ID` has the details.")
    else:
        print(f"The demo is ready ({ago(seconds)}): `cgid app` shows it.")
    return FAULT if failed else DONE


def watch(ids: list[str], out: TextIO) -> list[Job]:
    """Print a line when a job starts, gets on or ends, until all have ended; the jobs in the order of `ids`."""
    from cgid.jobs.store import list_jobs
    from cgid.jobs.submit import resume_pending

    told: dict[str, tuple] = {}
    last: dict[str, float] = {}
    place = {id: index for index, id in enumerate(ids, 1)}
    looked, since = time.monotonic(), time.time()
    while True:
        jobs = {job.id: job for job in list_jobs(ids=ids)}
        for id in sorted(jobs, key=lambda i: (jobs[i].started or 1e18, place[i])):
            job = jobs[id]
            state = (job.status, job.done, job.note)
            due = job.status != told.get(id, ("queued",))[0] or time.monotonic() - last.get(id, 0) >= BETWEEN_LINES
            if state != told.get(id) and due and job.status != "queued":
                told[id], last[id] = state, time.monotonic()
                print(f"[{place[id]}/{len(ids)}] {job.title}: {_words(job, since)}", file=out, flush=True)
        if not any(job.live for job in jobs.values()):
            return [jobs[id] for id in ids if id in jobs]
        if time.monotonic() - looked > 5:
            looked = time.monotonic()
            resume_pending()  # should the worker have been killed
        time.sleep(0.3)


def _words(job: Job, since: float) -> str:
    """since: when the watching began; what had ended before was not done for us."""
    if job.status == "running":
        return f"{job.share:.0%} {job.note}".rstrip() if job.total else job.note or "started"
    if job.status == "done":
        how = "already done" if (job.finished or 0) < since else f"done in {ago(job.seconds)}"
        return f"{how}. {(job.result or {}).get('summary', '')}".rstrip()
    return f"{job.status}. {job.error}".rstrip()


def _arguments(parser: argparse.ArgumentParser) -> None:
    text = "images in each of the two simulated sets, half real, half AI (default: 800)"
    parser.add_argument("--count", type=int, default=800, metavar="N", help=text)
    add_json(parser)


DEMO_COMMANDS = (
    Command(("demo",), "build the simulated demo: data, features, both models, audit, ablation", _arguments, _run),
)


def _run_treatment_study(asked: argparse.Namespace) -> int:
    from cgid.jobs.submit import submit_chain
    from cgid.pipelines.format_study import chain

    params = restore(TreatmentStudyParams, canonical(params_from(TreatmentStudyParams, asked)))
    began = time.monotonic()
    ids = submit_chain(chain(params))
    if asked.queue:
        if asked.json:
            say_json({"ids": ids})
        else:
            print("\n".join(ids))
        return DONE
    try:
        done = watch(ids, sys.stderr if asked.json else sys.stdout)
    except KeyboardInterrupt:
        print("The study goes on in the background; `cgid jobs list` shows it.", file=sys.stderr)
        return INTERRUPTED
    failed = [job for job in done if job.status != "done"]
    result = done[-1].result or {} if done else {}
    if asked.json:
        jobs = [{n: getattr(j, n) for n in ("id", "kind", "status", "error", "seconds")} for j in done]
        say_json({"ok": not failed, "jobs": jobs, "report": result})
    elif failed:
        print(f"{len(failed)} of {len(done)} steps did not succeed; `cgid jobs logs ID` has the details.")
    else:
        print(f"The study is done ({ago(time.monotonic() - began)}): {params.output_dir / 'treatment_study.md'}")
        print(f"\n{result.get('table_text', '')}")
    return FAULT if failed else DONE


def _arguments_treatment_study(parser: argparse.ArgumentParser) -> None:
    flags(parser, TreatmentStudyParams)


TREATMENT_STUDY_COMMANDS = (
    Command(
        ("treatment-study",),
        "what did the file format tell? audit and models before and after treatments of the images",
        _arguments_treatment_study,
        _run_treatment_study,
    ),
)

COMMANDS = (
    *DEMO_COMMANDS,
    *TREATMENT_STUDY_COMMANDS,
)
