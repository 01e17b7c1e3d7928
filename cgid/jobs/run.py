"""One job in one process: `python -m cgid.jobs.run ID`, started by the worker."""

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
from cgid.extras import absent
from cgid.files import plain
from cgid.jobs import claims
from cgid.jobs.job import Job
from cgid.jobs.kind import kind_named
from cgid.jobs.processes import ATTEMPT
from cgid.params import restore

BETWEEN = 0.25  # seconds between two writes of progress
BETWEEN_LINES = 5.0  # seconds between two lines in the log


class Stopped(BaseException):
    """Asked to end, or the row is no longer ours. No Exception: a step that guards one image must not catch it."""


class RowReport:
    """Progress of a step into its row, a few times a second, and into its log now and then."""

    def __init__(self, id: str, attempt: int) -> None:
        self.id, self.attempt = id, attempt
        self.state: tuple[int, int, str, float | None] = (0, 0, "", None)
        self.written: tuple[int, int, str, float | None] | None = None
        self.last = self.last_line = -1e9

    def __call__(self, done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
        self.state = (int(done), int(total), str(note), seconds_left)
        now = time.monotonic()
        if now - self.last_line >= BETWEEN_LINES:
            self.last_line = now
            print(f"{time.strftime('%H:%M:%S')} {done}/{total or '?'} {note}".rstrip(), flush=True)
        if now - self.last >= BETWEEN:
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
    """Exit code 0 done, 1 failed, 143 stopped (the worker decides what that means)."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        with contextlib.suppress(AttributeError):
            signal.signal(getattr(signal, name), _stop)
    attempt = int(os.environ.get(ATTEMPT, 0))
    process = psutil.Process()
    job = claims.begin(id, attempt, process.pid, process.create_time())
    if job is None:
        print(f"{id}: not this process's turn (attempt {attempt}); jobs are started by the worker.", flush=True)
        return 143
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {job.title} ({job.kind} {id}), attempt {attempt}", flush=True)
    try:
        return _work(job)
    except Stopped:
        print(f"{time.strftime('%H:%M:%S')} stopped", flush=True)
        return 143


def _work(job: Job) -> int:
    report = RowReport(job.id, job.attempt)
    try:
        kind = kind_named(job.kind)
        result = _result(kind.function()(restore(kind.params, job.params), report))
        if missing := [str(p) for p in job.outputs if not p.exists()]:
            raise FileNotFoundError(f"it ended without making {', '.join(missing)}")
        report.write()
    except InputError as error:
        return _failed(job, str(error) or job.title, error)
    except (Exception, SystemExit) as error:  # the edge where one job fails and the rest goes on
        if isinstance(error, ImportError) and (lacking := absent(error)):
            return _failed(job, str(lacking), lacking)
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        return _failed(job, f"“{job.title}” failed inside cgid: {said}; the log has the details.")
    if not claims.finish(job.id, job.attempt, result):
        raise Stopped
    print(f"{time.strftime('%H:%M:%S')} done {result.get('summary', '')}".rstrip(), flush=True)
    return 0


def _result(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"the step returned {type(value).__name__}, not a dict")
    return plain(value)


def _failed(job: Job, sentence: str, reason: InputError | None = None) -> int:
    traceback.print_exc()
    sys.stderr.flush()
    known = {"code": reason.code, "suggestion": plain(reason.suggestion)} if reason else {}
    if not claims.fail(job.id, job.attempt, sentence, **known):
        raise Stopped
    return 1


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
