"""Claims queued jobs for the supervisor, and records progress and outcome for the job processes."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from cgid.db import engine
from cgid.jobs.job import Job, from_row
from cgid.jobs.store import fail_orphaned, home, jobs, list_jobs, states

MAX_ATTEMPTS = 3


def claim(slots: Mapping[str, int], busy: Collection[str] = ()) -> Job | None:
    """Move the oldest queued job with a free slot and finished dependencies to `running`; None if there is none.

    Two jobs that write the same file never run at once. busy: ids whose last process is still ending.
    """
    if not list_jobs(status="queued", limit=1):
        return None
    with engine.writing() as connection:
        fail_orphaned(connection)
        rows_of_home = sa.select(jobs).where(jobs.c.home == home()).order_by(jobs.c.created, jobs.c.id)
        running = connection.execute(rows_of_home.where(jobs.c.status == "running")).mappings().all()
        free = {s for s, n in slots.items() if sum(row["slot"] == s for row in running) < n}
        query = rows_of_home.where(jobs.c.status == "queued", jobs.c.slot.in_(free), jobs.c.id.not_in(busy))
        queued = [from_row(row) for row in connection.execute(query).mappings()]
        known_states = states(connection, {id for job in queued for id in job.after})
        written = {path for row in running for path in from_row(row).outputs}
        ready = (
            j for j in queued if all(known_states[id][1] == "done" for id in j.after) and not written & set(j.outputs)
        )
        now = time.time()
        change = {"status": "running", "attempt": jobs.c.attempt + 1, "started": now, "heartbeat": now, "note": ""}
        change["seconds_left"] = None
        for job in ready:
            claim_row = (
                sa.update(jobs).where(jobs.c.id == job.id, jobs.c.status == "queued").values(change).returning(jobs)
            )
            if row := connection.execute(claim_row).mappings().first():
                _supersede(connection, job)
                return from_row(row)
    return None


def _supersede(connection: sa.Connection, job: Job) -> None:
    """Finished jobs whose outputs this job overwrites stay as history under another key, so that they are never
    reused."""
    outputs = set(job.outputs)
    query = sa.select(jobs).where(jobs.c.home == job.home, jobs.c.status == "done")
    for row in connection.execute(query).mappings().all():
        other = from_row(row)
        other_outputs = set(other.outputs)
        if other_outputs & outputs and (other.kind == job.kind or other_outputs <= outputs):
            connection.execute(sa.update(jobs).where(jobs.c.id == other.id).values(key=f"superseded-{other.id}"))


def begin(id: str, attempt: int, pid: int, start_time: float) -> Job | None:
    """Record a job's process. None where the row is not this attempt's: then the process must do nothing."""
    free = sa.or_(jobs.c.pid.is_(None), jobs.c.pid == pid)
    query = _this_attempt(id, attempt).where(free).values(pid=pid, pid_start_time=start_time).returning(jobs)
    with engine.writing() as connection:
        row = connection.execute(query).mappings().first()
    return from_row(row) if row else None


def progress(id: str, attempt: int, done: int, total: int, note: str, seconds_left: float | None = None) -> bool:
    """Record progress. False where the row is no longer this attempt's or was cancelled: then the process must stop."""
    values = {
        "done": done,
        "total": total,
        "note": engine.clean(note),
        "seconds_left": seconds_left,
        "heartbeat": time.time(),
    }
    return _write(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values))


def finish(id: str, attempt: int, result: Mapping[str, Any]) -> bool:
    """Record the result. False where the job was cancelled first, or the row is another attempt's."""
    now = time.time()
    values = {"status": "done", "result": json.dumps(result), "finished": now, "heartbeat": now, "error": ""}
    return _write(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values))


def fail(id: str, attempt: int, error: str, *, code: str = "", suggestion: Mapping[str, Any] | None = None) -> bool:
    """Record a failure: one sentence, and its machine-readable form (see `InputError`). False as in `finish`.

    Jobs that depend on it fail with it.
    """
    now = time.time()
    values = {"status": "failed", "error": engine.clean(error), "error_code": code, "finished": now, "heartbeat": now}
    values["suggestion"] = None if suggestion is None else json.dumps(suggestion)
    with engine.writing() as connection:
        failed = connection.execute(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values)).rowcount > 0
        fail_orphaned(connection)
    return failed


def cancelled(id: str, attempt: int) -> bool:
    """Record a cancelled job of which no process is left."""
    with engine.writing() as connection:
        values = {"status": "cancelled", "finished": time.time(), "pid": None, "pid_start_time": None}
        ended = connection.execute(_this_attempt(id, attempt).values(values)).rowcount > 0
        fail_orphaned(connection)
    return ended


def died(id: str, attempt: int, cause: str = "") -> None:
    """Handle a job whose process died without an outcome: queue it again, or fail it after three attempts."""
    if attempt < MAX_ATTEMPTS:
        values = {
            "status": "queued",
            "pid": None,
            "pid_start_time": None,
            "note": f"The process died without reporting a result{cause}.",
        }
        _write(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values))
    else:
        fail(id, attempt, f"The process died without reporting a result {attempt} times{cause}; see the log.")


def _this_attempt(id: str, attempt: int) -> sa.Update:
    return sa.update(jobs).where(jobs.c.id == id, jobs.c.attempt == attempt, jobs.c.status == "running")


def _write(query: sa.Update) -> bool:
    with engine.writing() as connection:
        return connection.execute(query).rowcount > 0
