"""Job and supervisor processes: start the supervisor of this home, identify a process, terminate it with its
children."""

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

STARTUP_SECONDS = 1.0  # seconds in which a started supervisor counts as starting; shorter than any idle time

_started: dict[Path, tuple[float, subprocess.Popen[bytes]]] = {}
_lock = threading.Lock()


def lock_path() -> Path:
    """Lock file held by the running supervisor."""
    return settings().jobs / "worker.lock"


def is_supervisor_running() -> bool:
    """Whether the lock is held. (It is tried for an instant; a supervisor that starts just then retries.)"""
    settings().jobs.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock_path(), timeout=0):
            return False
    except Timeout:
        return True


def ensure_supervisor() -> None:
    """Start the supervisor of this home unless it runs, detached and without waiting. Call it after a row is entered: a
    supervisor about to end checks once more after it has released the lock."""
    home = settings().home
    with _lock:
        since, process = _started.get(home, (0.0, None))
        starting = process is not None and process.poll() is None and time.monotonic() - since < STARTUP_SECONDS
        if starting or is_supervisor_running():
            return
        with open(settings().jobs / "worker.log", "ab") as log:
            command = [sys.executable, "-m", "cgid.jobs.supervisor"]
            _started[home] = time.monotonic(), subprocess.Popen(command, stdout=log, **detached_options(_environment()))


def detached_options(environment: dict[str, str]) -> dict[str, Any]:
    """Arguments for a process in a session of its own, without a terminal."""
    session_options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        session_options = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {
        "stdin": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "cwd": REPOSITORY,
        "env": environment,
        "close_fds": True,
        **session_options,
    }


def _environment() -> dict[str, str]:
    """This environment with explicit home and database, and without the variables of a job."""
    current = settings()
    inherited = {k: v for k, v in os.environ.items() if k not in ("CGID_JOB", "CGID_JOB_ATTEMPT")}
    return {**inherited, "CGID_HOME": str(current.home), "CGID_DATABASE_URL": current.database_url}


JOB_VARIABLE = "CGID_JOB"
ATTEMPT_VARIABLE = "CGID_JOB_ATTEMPT"
START_TIME_TOLERANCE = 2.0  # seconds; start times are computed from the clock, which may be set in between


def same_process(pid: int | None, start_time: float | None) -> psutil.Process | None:
    """The live process with this pid *and* start time, since pids are reused."""
    if pid is None or start_time is None:
        return None
    try:
        process = psutil.Process(pid)
        alive = (
            process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - start_time) < START_TIME_TOLERANCE
        )
    except psutil.NoSuchProcess:
        return None
    return process if alive else None


def terminate(pid: int | None, start_time: float | None) -> None:
    """Ask the job's main process to end; it ends its children."""
    process = same_process(pid, start_time)
    if process is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()


def processes_of_job(id: str) -> list[psutil.Process]:
    """Every process with the job's id in its environment, whatever its session or parent."""
    processes = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get(JOB_VARIABLE) == id and process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
        except (psutil.Error, OSError):  # gone, or not accessible: then not ours to kill
            continue
    return processes


def kill_processes_of_job(id: str, rounds: int = 20) -> int:
    """Kill all processes of a job until none is found (they may start more); how many were killed."""
    killed = 0
    for _ in range(rounds):
        processes = processes_of_job(id)
        if not processes:
            break
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.kill()
        psutil.wait_procs(processes, timeout=3)
        killed += len(processes)
    return killed
