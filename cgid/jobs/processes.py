"""Processes of jobs: is it still the same one, ask it to end, and leave none of its kin behind."""

from __future__ import annotations

import contextlib
import os

import psutil

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
