"""Whose turn it is and how it ended: the worker's and the job processes' side of the rows."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from cgid.db import engine
from cgid.jobs.job import Job, from_row
from cgid.jobs.store import fail_the_forsaken, home, jobs, list_jobs, states

MAX_ATTEMPTS = 3


def claim(slots: Mapping[str, int], busy: Collection[str] = ()) -> Job | None:
    """Move the oldest queued job that has a slot and whose forerunners are done to `running`; None if there is none.

    Two jobs that write the same file never run at once. busy: ids whose last process is still ending.
    """
    if not list_jobs(status="queued", limit=1):
        return None
    with engine.writing() as connection:
        fail_the_forsaken(connection)
        mine = sa.select(jobs).where(jobs.c.home == home()).order_by(jobs.c.created, jobs.c.id)
        running = connection.execute(mine.where(jobs.c.status == "running")).mappings().all()
        free = {s for s, n in slots.items() if sum(row["slot"] == s for row in running) < n}
        query = mine.where(jobs.c.status == "queued", jobs.c.slot.in_(free), jobs.c.id.not_in(busy))
        queued = [from_row(row) for row in connection.execute(query).mappings()]
        known = states(connection, {id for job in queued for id in job.after})
        written = {path for row in running for path in from_row(row).outputs}
        ready = (j for j in queued if all(known[id][1] == "done" for id in j.after) and not written & set(j.outputs))
        now = time.time()
        change = {"status": "running", "attempt": jobs.c.attempt + 1, "started": now, "beat": now, "note": ""}
        change["seconds_left"] = None
        for job in ready:
            won = sa.update(jobs).where(jobs.c.id == job.id, jobs.c.status == "queued").values(change).returning(jobs)
            if row := connection.execute(won).mappings().first():
                _supersede(connection, job)
                return from_row(row)
    return None


def _supersede(connection: sa.Connection, job: Job) -> None:
    """Done rows whose files this job is about to write over stay as history, but stand for no work any more."""
    mine = set(job.outputs)
    query = sa.select(jobs).where(jobs.c.home == job.home, jobs.c.status == "done")
    for row in connection.execute(query).mappings().all():
        other = from_row(row)
        theirs = set(other.outputs)
        if theirs & mine and (other.kind == job.kind or theirs <= mine):
            connection.execute(sa.update(jobs).where(jobs.c.id == other.id).values(key=f"superseded-{other.id}"))


def begin(id: str, attempt: int, pid: int, born: float) -> Job | None:
    """A job's process says it is there. None where the row is not this attempt's: then it must do nothing."""
    free = sa.or_(jobs.c.pid.is_(None), jobs.c.pid == pid)
    query = _this_attempt(id, attempt).where(free).values(pid=pid, pid_born=born).returning(jobs)
    with engine.writing() as connection:
        row = connection.execute(query).mappings().first()
    return from_row(row) if row else None


def progress(id: str, attempt: int, done: int, total: int, note: str, seconds_left: float | None = None) -> bool:
    """False where the row is no longer this attempt's, or cancel was asked for: then the process must stop."""
    values = {
        "done": done,
        "total": total,
        "note": engine.clean(note),
        "seconds_left": seconds_left,
        "beat": time.time(),
    }
    return _write(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values))


def finish(id: str, attempt: int, result: Mapping[str, Any]) -> bool:
    """The step has returned. False where cancel was asked for first, or the row is another attempt's."""
    now = time.time()
    values = {"status": "done", "result": json.dumps(result), "finished": now, "beat": now, "error": ""}
    return _write(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values))


def fail(id: str, attempt: int, error: str, *, code: str = "", suggestion: Mapping[str, Any] | None = None) -> bool:
    """The step could not; one sentence why, and the same for programs (see `InputError`). False as in `finish`.

    Jobs that wait for it fail with it.
    """
    now = time.time()
    values = {"status": "failed", "error": engine.clean(error), "error_code": code, "finished": now, "beat": now}
    values["suggestion"] = None if suggestion is None else json.dumps(suggestion)
    with engine.writing() as connection:
        failed = connection.execute(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values)).rowcount > 0
        fail_the_forsaken(connection)
    return failed


def cancelled(id: str, attempt: int) -> bool:
    """No process of the job is left after cancel was asked for."""
    with engine.writing() as connection:
        values = {"status": "cancelled", "finished": time.time(), "pid": None, "pid_born": None}
        ended = connection.execute(_this_attempt(id, attempt).values(values)).rowcount > 0
        fail_the_forsaken(connection)
    return ended


def died(id: str, attempt: int, how: str = "") -> None:
    """No process of the job is left and none said how it went: queue it again, or give up after three attempts."""
    if attempt < MAX_ATTEMPTS:
        values = {"status": "queued", "pid": None, "pid_born": None, "note": f"The process ended without a word{how}."}
        _write(_this_attempt(id, attempt).where(jobs.c.cancel == 0).values(values))
    else:
        fail(id, attempt, f"The process ended without a word {attempt} times{how}; the log has what it said before.")


def _this_attempt(id: str, attempt: int) -> sa.Update:
    return sa.update(jobs).where(jobs.c.id == id, jobs.c.attempt == attempt, jobs.c.status == "running")


def _write(query: sa.Update) -> bool:
    with engine.writing() as connection:
        return connection.execute(query).rowcount > 0
