"""Starts the one worker of this home where none runs, detached, so that it outlives whoever asked.

Processes of jobs: is it still the same one, ask it to end, and leave none of its kin behind.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from cgid.settings import REPOSITORY, settings

JUST_STARTED = 1.0  # seconds in which a worker that was started is taken to be coming up; shorter than any idle time

_started: dict[Path, tuple[float, subprocess.Popen]] = {}
_lock = threading.Lock()


def lock_file() -> Path:
    """Held by the running worker."""
    return settings().jobs / "worker.lock"


def worker_runs() -> bool:
    """Is the lock held? (Tried for an instant: a worker that starts just then tries again.)"""
    settings().jobs.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock_file(), timeout=0):
            return False
    except Timeout:
        return True


def ensure_worker() -> None:
    """Cheap where a worker runs; else starts one and does not wait for it. Call it after the row is entered: a worker
    about to end looks once more after it has let go of the lock."""
    home = settings().home
    with _lock:
        since, process = _started.get(home, (0.0, None))
        coming_up = process is not None and process.poll() is None and time.monotonic() - since < JUST_STARTED
        if coming_up or worker_runs():
            return
        with open(settings().jobs / "worker.log", "ab") as log:
            command = [sys.executable, "-m", "cgid.jobs.supervisor"]
            _started[home] = time.monotonic(), subprocess.Popen(command, stdout=log, **detached(_environment()))


def detached(environment: dict[str, str]) -> dict[str, Any]:
    """Arguments for a process in a session of its own, without a terminal."""
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {
        "stdin": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "cwd": REPOSITORY,
        "env": environment,
        "close_fds": True,
        **apart,
    }


def _environment() -> dict[str, str]:
    """This one's, with home and database said outright, and without a job's mark: the worker is nobody's child."""
    here = settings()
    kept = {k: v for k, v in os.environ.items() if k not in ("CGID_JOB", "CGID_JOB_ATTEMPT")}
    return {**kept, "CGID_HOME": str(here.home), "CGID_DATABASE_URL": here.database_url}


MARK = "CGID_JOB"
ATTEMPT = "CGID_JOB_ATTEMPT"
BORN_TOLERANCE = 2.0  # seconds; start times are worked out from the clock, which may be set in between


def same_process(pid: int | None, born: float | None) -> psutil.Process | None:
    """The live process with this number *and* start time: a recycled number is somebody else's."""
    if pid is None or born is None:
        return None
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - born) < BORN_TOLERANCE
    except psutil.NoSuchProcess:
        return None
    return process if alive else None


def terminate(pid: int | None, born: float | None) -> None:
    """Ask the job's own process to end; it passes the word on."""
    process = same_process(pid, born)
    if process is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()


def marked(id: str) -> list[psutil.Process]:
    """Every process that carries the job's mark in its environment, whichever session or parent it has moved to."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get(MARK) == id and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):  # gone, or not ours to look into: then it is not ours to kill either
            continue
    return found


def sweep(id: str, rounds: int = 20) -> int:
    """Kill everything that carries the mark until a look finds none (they may be starting more). How many there were."""
    killed = 0
    for _ in range(rounds):
        found = marked(id)
        if not found:
            break
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.kill()
        psutil.wait_procs(found, timeout=3)
        killed += len(found)
    return killed
