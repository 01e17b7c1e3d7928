"""What the scenarios look at: processes of a home, jobs that end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from cgid.jobs import claims, store
from cgid.jobs.job import Job
from cgid.jobs.submit import Step
from jobs_plugin.steps import CountParams


def processes_of(home: Path, command: str = "") -> list[psutil.Process]:
    """Live processes that work for this home and whose command line has `command` in it."""
    processes = []
    for process in psutil.process_iter():
        try:
            of_this_home = process.pid != os.getpid() and process.environ().get("CGID_HOME") == str(home)
            if of_this_home and process.status() != psutil.STATUS_ZOMBIE and command in " ".join(process.cmdline()):
                processes.append(process)
        except psutil.Error:
            continue
    return processes


def workers_of(home: Path) -> list[psutil.Process]:
    return processes_of(home, "cgid.jobs.supervisor")


def until(condition: Callable[[], object], seconds: float = 120) -> object:
    """Wait for it; what it gave. Fails the test where it does not come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain; jobs: {store.list_jobs()}")


def ended(id: str) -> Job:
    """The job once it has ended."""
    return until(lambda: (job := store.get(id)) and not job.live and job)


def finish(id: str) -> None:
    """Do a job's work in no time: make its outputs, mark it done."""
    job = claims.claim({"cpu": 99})
    assert job.id == id
    for path in job.outputs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("made")
    assert claims.finish(job.id, job.attempt, {})


def chain(home: Path, text: str = "") -> list[Step]:
    """Three steps in a row; the first makes the input of both others."""
    return [
        Step("test-count", CountParams(home / "a", text=text)),
        Step("test-count", CountParams(home / "b", source=home / "a" / "finished"), (0,)),
        Step("test-count", CountParams(home / "c", source=home / "a" / "finished"), (1,)),
    ]
