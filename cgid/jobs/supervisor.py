"""The supervisor of a home: claims jobs, starts a process for each, adopts, requeues and cancels; exits when idle."""

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
from cgid.jobs.processes import (
    ATTEMPT_VARIABLE,
    JOB_VARIABLE,
    STARTUP_SECONDS,
    detached_options,
    kill_processes_of_job,
    lock_path,
    processes_of_job,
    same_process,
    terminate,
)
from cgid.settings import settings

POLL_SECONDS = 0.2  # seconds between two steps
GRACE_SECONDS = 3.0  # seconds a cancelled job has to end before it is killed
MAX_FAILURES = 60  # consecutive steps that may fail (database locked, disk full) before the supervisor gives up


@dataclass(slots=True)
class RunningJob:
    """A job process under supervision: a child, or one adopted by (pid, start time)."""

    attempt: int
    child: subprocess.Popen[bytes] | None = None
    pid: int | None = None
    start_time: float | None = None
    deadline: float | None = None  # set once it has been terminated

    def alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return same_process(self.pid, self.start_time) is not None

    def exit_description(self) -> str:
        """Exit status in brackets, or ""."""
        code = self.child.returncode if self.child is not None else None
        if code is None:
            return ""
        return f" (killed by signal {-code})" if code < 0 else f" (exit code {code})"


class Supervisor:
    """Supervises running jobs and starts queued ones, step by step."""

    def __init__(self) -> None:
        current = settings()
        self.slots = {"cpu": current.cpu_slots, "gpu": current.gpu_slots}
        self.running: dict[str, RunningJob] = {}

    def step(self) -> bool:
        """Check all running jobs and claim new ones. True where any runs."""
        running = {job.id: job for job in store.list_jobs(status="running")}
        for id, job in running.items():
            if id not in self.running:
                self.running[id] = _adopt(job)
        for id, running_job in list(self.running.items()):
            self._supervise(id, running_job, running.get(id))
        while (claimed := claims.claim(self.slots, busy=list(self.running))) is not None:
            self.running[claimed.id] = _start(claimed)
        return bool(self.running)

    def _supervise(self, id: str, running_job: RunningJob, job: Job | None) -> None:
        cancelled = job is not None and job.cancel and job.attempt == running_job.attempt
        if job is not None and cancelled and running_job.deadline is None:
            running_job.deadline = time.monotonic() + GRACE_SECONDS
            pid, start_time = (job.pid, job.pid_start_time) if job.pid else (running_job.pid, running_job.start_time)
            terminate(pid, start_time)
        overdue = running_job.deadline is not None and time.monotonic() > running_job.deadline
        if running_job.alive() and not overdue:
            return
        kill_processes_of_job(id)  # remaining children: pool workers, ranks in sessions of their own
        if running_job.child is not None:
            running_job.child.wait()
        del self.running[id]
        row = store.get(id)
        if row is None or row.status != "running" or row.attempt != running_job.attempt:
            return
        if row.cancel:
            claims.cancelled(id, running_job.attempt)
        else:
            claims.died(id, running_job.attempt, running_job.exit_description())


def _adopt(job: Job) -> RunningJob:
    """Take over a running row of a former supervisor."""
    if job.pid is not None:
        return RunningJob(job.attempt, pid=job.pid, start_time=job.pid_start_time)
    for process in processes_of_job(job.id):  # claimed and started, but not yet recorded by `begin`
        return RunningJob(job.attempt, pid=process.pid, start_time=_start_time(process))
    return RunningJob(job.attempt)


def _start_time(process: psutil.Process) -> float | None:
    try:
        return float(process.create_time())
    except psutil.Error:
        return None


def _start(job: Job) -> RunningJob:
    """Start a new interpreter for one attempt at one job, with its own log."""
    current = settings()
    environment = {
        "OMP_WAIT_POLICY": "PASSIVE",  # waiting threads sleep, so that a page or a second job gets the processor
        **os.environ,
        "CGID_HOME": str(current.home),
        "CGID_DATABASE_URL": current.database_url,
        JOB_VARIABLE: job.id,
        ATTEMPT_VARIABLE: str(job.attempt),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    path = log_path(job.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as log:
        command = [sys.executable, "-m", "cgid.jobs.run", job.id]
        child = subprocess.Popen(command, stdout=log, **detached_options(environment))
    process = psutil.Process(child.pid)
    return RunningJob(job.attempt, child=child, pid=child.pid, start_time=_start_time(process))


def serve(idle: float | None = None) -> bool:
    """Run as the supervisor until idle for `idle` seconds. False where another one already runs.

    idle: default `CGID_WORKER_IDLE`, else 10; never shorter than a supervisor takes to start.
    """
    if idle is None:
        idle = float(os.environ.get("CGID_WORKER_IDLE") or 10)
    idle = max(idle, 1.5 * STARTUP_SECONDS)
    path = lock_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    lock_timeout = 2.0  # seconds: a look at the lock (`worker_runs`) holds it for an instant
    while True:
        try:
            lock.acquire(timeout=lock_timeout)
        except Timeout:
            return False
        try:
            _serve_until_idle(idle)
        finally:
            lock.release()
        # A job may have been entered while the lock was still held: check once more.
        if not store.any_live():
            return True
        lock_timeout, idle = 0.0, 1.5 * STARTUP_SECONDS


def _serve_until_idle(idle: float) -> None:
    supervisor = Supervisor()
    last_active, failures = time.monotonic(), 0
    while time.monotonic() - last_active < idle:
        try:
            if supervisor.step():
                last_active = time.monotonic()
            failures = 0
        except (sa.exc.OperationalError, OSError) as error:
            failures += 1
            print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {error}", file=sys.stderr, flush=True)
            if failures >= MAX_FAILURES:
                raise
            time.sleep(1)
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    serve()
