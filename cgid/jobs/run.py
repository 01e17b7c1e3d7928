"""Runs one job in its own process: `python -m cgid.jobs.run ID`, started by the supervisor."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from types import FrameType
from typing import Any

import psutil

from cgid.errors import InputError
from cgid.extras import missing_extra
from cgid.files import plain
from cgid.jobs import claims
from cgid.jobs.job import Job
from cgid.jobs.kind import kind_named
from cgid.jobs.processes import ATTEMPT_VARIABLE
from cgid.params import restore

WRITE_INTERVAL = 0.25  # seconds between two writes of progress
LOG_INTERVAL = 5.0  # seconds between two lines in the log


class Stopped(BaseException):
    """The job was stopped, or the row belongs to another attempt. A BaseException, so that steps do not catch it."""


class RowProgress:
    """Writes progress of a step to its row, a few times a second, and to its log every few seconds."""

    def __init__(self, id: str, attempt: int) -> None:
        self.id, self.attempt = id, attempt
        self.state: tuple[int, int, str, float | None] = (0, 0, "", None)
        self.written: tuple[int, int, str, float | None] | None = None
        self.last = self.last_line = -1e9

    def __call__(self, done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
        self.state = (int(done), int(total), str(note), seconds_left)
        now = time.monotonic()
        if now - self.last_line >= LOG_INTERVAL:
            self.last_line = now
            print(f"{time.strftime('%H:%M:%S')} {done}/{total or '?'} {note}".rstrip(), flush=True)
        if now - self.last >= WRITE_INTERVAL:
            self.last = now
            self.write()

    def write(self) -> None:
        """Write the latest state. Raises Stopped where the row is no longer this attempt's."""
        if self.state == self.written:
            return
        if not claims.progress(self.id, self.attempt, *self.state):
            raise Stopped
        self.written = self.state


def main(id: str) -> int:
    """Exit code 0 done, 1 failed, 143 stopped (the supervisor decides what that means)."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        with contextlib.suppress(AttributeError):
            signal.signal(getattr(signal, name), _stop)
    attempt = int(os.environ.get(ATTEMPT_VARIABLE, 0))
    process = psutil.Process()
    job = claims.begin(id, attempt, process.pid, process.create_time())
    if job is None:
        print(
            f"{id}: not claimed for this process (attempt {attempt}); jobs are started by the supervisor.", flush=True
        )
        return 143
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {job.title} ({job.kind} {id}), attempt {attempt}", flush=True)
    try:
        return _work(job)
    except Stopped:
        print(f"{time.strftime('%H:%M:%S')} stopped", flush=True)
        return 143


def _work(job: Job) -> int:
    progress = RowProgress(job.id, job.attempt)
    try:
        kind = kind_named(job.kind)
        result = _result(kind.function()(restore(kind.params, job.params), progress))
        if missing := [str(p) for p in job.outputs if not p.exists()]:
            raise FileNotFoundError(f"it ended without writing {', '.join(missing)}")
        progress.write()
    except InputError as error:
        return _failed(job, str(error) or job.title, error)
    except (Exception, SystemExit) as error:  # the boundary where one job fails and the others continue
        if isinstance(error, ImportError) and (lacking := missing_extra(error)):
            return _failed(job, str(lacking), lacking)
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        return _failed(job, f"“{job.title}” failed inside cgid: {message}; the log has the details.")
    if not claims.finish(job.id, job.attempt, result):
        raise Stopped
    print(f"{time.strftime('%H:%M:%S')} done {result.get('summary', '')}".rstrip(), flush=True)
    return 0


def _result(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"the step returned {type(value).__name__}, not a dict")
    result: dict[str, Any] = plain(value)
    return result


def _failed(job: Job, sentence: str, refusal: InputError | None = None) -> int:
    traceback.print_exc()
    sys.stderr.flush()
    details = {"code": refusal.code, "suggestion": plain(refusal.suggestion)} if refusal else {}
    if not claims.fail(job.id, job.attempt, sentence, **details):
        raise Stopped
    return 1


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
