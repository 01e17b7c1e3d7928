"""The one supervisor of a home: claims jobs, gives each a process, adopts, requeues, cancels; ends when idle."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

import psutil
import sqlalchemy as sa
from filelock import FileLock, Timeout

from cgid.jobs import claims, store
from cgid.jobs.job import Job, log_path
from cgid.jobs.processes import ATTEMPT, JUST_STARTED, MARK, detached, lock_file, marked, same_process, sweep, terminate
from cgid.settings import settings

POLL = 0.2  # seconds between looks
GRACE = 3.0  # seconds a cancelled job has to end by itself
TROUBLE = 60  # looks in a row that may fail (database locked, disk full) before the worker gives up


@dataclass(slots=True)
class Charge:
    """A job process the worker minds: its own child, or one adopted by (pid, start time)."""

    attempt: int
    child: subprocess.Popen | None = None
    pid: int | None = None
    born: float | None = None
    deadline: float | None = None  # set once it has been asked to end

    def alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return same_process(self.pid, self.born) is not None

    def how(self) -> str:
        """What the system says about its end, in brackets, or nothing."""
        code = self.child.returncode if self.child is not None else None
        if code is None:
            return ""
        return f" (killed by signal {-code})" if code < 0 else f" (exit code {code})"


class Worker:
    """One turn after another: mind what runs, start what may."""

    def __init__(self) -> None:
        here = settings()
        self.slots = {"cpu": here.cpu_slots, "gpu": here.gpu_slots}
        self.charges: dict[str, Charge] = {}

    def turn(self) -> bool:
        """Look once. True where anything runs or was started."""
        running = {job.id: job for job in store.list_jobs(status="running")}
        for id, job in running.items():
            if id not in self.charges:
                self.charges[id] = _adopt(job)
        for id, charge in list(self.charges.items()):
            self._mind(id, charge, running.get(id))
        while (job := claims.claim(self.slots, busy=list(self.charges))) is not None:
            self.charges[job.id] = _start(job)
        return bool(self.charges)

    def _mind(self, id: str, charge: Charge, job: Job | None) -> None:
        wanted = job is not None and job.cancel and job.attempt == charge.attempt
        if wanted and charge.deadline is None:
            charge.deadline = time.monotonic() + GRACE
            pid, born = (job.pid, job.pid_born) if job.pid else (charge.pid, charge.born)
            terminate(pid, born)
        overdue = charge.deadline is not None and time.monotonic() > charge.deadline
        if charge.alive() and not overdue:
            return
        sweep(id)  # whatever it left behind: pool workers, ranks in sessions of their own
        if charge.child is not None:
            charge.child.wait()
        del self.charges[id]
        now = store.get(id)
        if now is None or now.status != "running" or now.attempt != charge.attempt:
            return
        if now.cancel:
            claims.cancelled(id, charge.attempt)
        else:
            claims.died(id, charge.attempt, charge.how())


def _adopt(job: Job) -> Charge:
    """A running row of a worker that is no more."""
    if job.pid is not None:
        return Charge(job.attempt, pid=job.pid, born=job.pid_born)
    for process in marked(job.id):  # claimed, started, and not yet come to say so
        return Charge(job.attempt, pid=process.pid, born=_born(process))
    return Charge(job.attempt)


def _born(process: psutil.Process) -> float | None:
    try:
        return process.create_time()
    except psutil.Error:
        return None


def _start(job: Job) -> Charge:
    """A fresh interpreter for one attempt at one job, with a log of its own."""
    here = settings()
    environment = {
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait sleep: a page or a second job may want the processor
        **os.environ,
        "CGID_HOME": str(here.home),
        "CGID_DATABASE_URL": here.database_url,
        MARK: job.id,
        ATTEMPT: str(job.attempt),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    path = log_path(job.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as log:
        command = [sys.executable, "-m", "cgid.jobs.run", job.id]
        child = subprocess.Popen(command, stdout=log, **detached(environment))
    process = psutil.Process(child.pid)
    return Charge(job.attempt, child=child, pid=child.pid, born=_born(process))


def serve(idle: float | None = None) -> bool:
    """Be the worker until nothing has been there to do for `idle` seconds. False where another one already is.

    idle: default `CGID_WORKER_IDLE`, else 10; never shorter than a worker takes to be seen.
    """
    if idle is None:
        idle = float(os.environ.get("CGID_WORKER_IDLE") or 10)
    idle = max(idle, 1.5 * JUST_STARTED)
    path = lock_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    patience = 2.0  # seconds: a look at the lock (`worker_runs`) holds it for an instant
    while True:
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            return False
        try:
            _serve_until_idle(idle)
        finally:
            lock.release()
        # Whoever entered a job while the lock was still held relied on this worker: look once more.
        if not store.any_live():
            return True
        patience, idle = 0.0, 1.5 * JUST_STARTED


def _serve_until_idle(idle: float) -> None:
    worker = Worker()
    last, trouble = time.monotonic(), 0
    while time.monotonic() - last < idle:
        try:
            if worker.turn():
                last = time.monotonic()
            trouble = 0
        except (sa.exc.OperationalError, OSError) as error:
            trouble += 1
            print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {error}", file=sys.stderr, flush=True)
            if trouble >= TROUBLE:
                raise
            time.sleep(1)
        time.sleep(POLL)


if __name__ == "__main__":
    serve()
