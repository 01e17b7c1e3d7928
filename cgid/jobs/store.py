"""The rows of background jobs, shared by app, command line, supervisor and job processes: enter, find, cancel,
retry."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cgid.db import engine
from cgid.errors import InputError
from cgid.jobs.job import Job, from_row
from cgid.settings import settings

jobs = engine.jobs
INITIAL_STATE: dict[str, Any] = {
    "status": "queued",
    "attempt": 0,
    "done": 0,
    "total": 0,
    "note": "",
    "error": "",
    "error_code": "",
    "suggestion": None,
    "seconds_left": None,
    "result": None,
    "pid": None,
    "pid_start_time": None,
    "cancel": 0,
    "started": None,
    "finished": None,
    "heartbeat": None,
}


@dataclass(frozen=True, slots=True)
class Work:
    """Work to enter as a row. after: ids of rows, or indexes of earlier items entered with it."""

    kind: str
    title: str
    params: dict[str, Any]
    key: str
    slot: str
    outputs: tuple[Path, ...]
    after: tuple[str | int, ...] = ()
    always: bool = False


def home() -> str:
    """The CGID_HOME of these jobs; a shared database may hold those of several."""
    return str(settings().home)


def enter(work: Sequence[Work]) -> list[tuple[str, bool]]:
    """Enter all or none: (id, new) for each. The same key gives the row that is queued, running, or done with its
    outputs still there; a done row whose outputs are gone is queued again under its id and counts as new."""
    entered: list[tuple[str, bool]] = []
    with engine.writing() as connection:
        fail_orphaned(connection)
        for item in work:
            after = [entered[a][0] if isinstance(a, int) else a for a in item.after]
            entered.append(_enter_one(connection, item, after))
    return entered


def _enter_one(connection: sa.Connection, work: Work, after: list[str]) -> tuple[str, bool]:
    values = {
        **INITIAL_STATE,
        "home": home(),
        "kind": work.kind,
        "title": work.title,
        "params": json.dumps(work.params),
        "key": work.key,
        "slot": work.slot,
        "after": json.dumps(list(dict.fromkeys(after))),
        "outputs": json.dumps([str(p) for p in work.outputs]),
        "created": time.time(),
    }
    while True:
        existing = _one(connection, jobs.c.key == work.key, jobs.c.status.in_(("queued", "running", "done")))
        if existing is None:
            try:
                with connection.begin_nested():
                    id = uuid.uuid4().hex[:12]
                    connection.execute(sa.insert(jobs).values(id=id, **values))
                    return id, True
            except sa.exc.IntegrityError:
                continue  # entered by another process at the same moment (databases without one lock for all writers)
        if existing.status != "done" or (not work.always and existing.outputs_exist()):
            return existing.id, False
        requeue = sa.update(jobs).where(jobs.c.id == existing.id, jobs.c.status == "done").values(values)
        if connection.execute(requeue).rowcount:
            return existing.id, True


def get(id: str) -> Job | None:
    with engine.reading() as connection:
        row = connection.execute(sa.select(jobs).where(jobs.c.id == id)).mappings().first()
    return from_row(row) if row else None


def find(id: str) -> Job:
    """A job by id or unambiguous prefix. Raises InputError."""
    with engine.reading() as connection:
        query = sa.select(jobs).where(jobs.c.id.startswith(id, autoescape=True)).limit(2)
        rows = connection.execute(query).mappings().all() if id else []
    if len(rows) != 1:
        raise InputError(f"{'More than one job' if rows else 'No job'} has the id {id!r}; `cgid jobs list` shows them.")
    return from_row(rows[0])


def list_jobs(
    *,
    status: str | Sequence[str] | None = None,
    kind: str | None = None,
    ids: Sequence[str] | None = None,
    limit: int | None = None,
) -> list[Job]:
    """This home's jobs, newest first."""
    query = sa.select(jobs).where(jobs.c.home == home()).order_by(jobs.c.created.desc(), jobs.c.id).limit(limit)
    if status is not None:
        query = query.where(jobs.c.status.in_([status] if isinstance(status, str) else list(status)))
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    if ids is not None:
        query = query.where(jobs.c.id.in_(list(ids)))
    with engine.reading() as connection:
        return [from_row(row) for row in connection.execute(query).mappings()]


def any_live() -> bool:
    """Whether any job is queued or running. One indexed query, for pages that poll."""
    query = sa.select(jobs.c.id).where(jobs.c.home == home(), jobs.c.status.in_(("queued", "running"))).limit(1)
    with engine.reading() as connection:
        return connection.execute(query).first() is not None


def request_cancel(id: str) -> bool:
    """Cancel a queued job at once, a running one within seconds by the supervisor. False where it has already ended."""
    now = time.time()
    with engine.writing() as connection:
        row = sa.update(jobs).where(jobs.c.id == id)
        queued = row.where(jobs.c.status == "queued").values(status="cancelled", finished=now, note="")
        if connection.execute(queued).rowcount:
            fail_orphaned(connection)
            return True
        running = connection.execute(row.where(jobs.c.status == "running").values(cancel=1)).rowcount > 0
    if running:
        _wake()
    return running


def retry(id: str) -> Job:
    """Queue a failed or cancelled job again, with its failed dependencies and the dependents that failed with it.

    Raises InputError where it is live or done, or the same work already is.
    """
    with engine.writing() as connection:
        job = _one(connection, jobs.c.id == id)
        if job is None:
            raise InputError(f"No job has the id {id!r}.")
        if job.status not in ("failed", "cancelled"):
            raise InputError(f"{job.title} ({id}) is {job.status}; only a failed or cancelled job can be retried.")
        for member in _with_dependents(connection, job):
            duplicate = _one(connection, jobs.c.key == member.key, jobs.c.status.in_(("queued", "running", "done")))
            if duplicate is not None and (duplicate.live or duplicate.outputs_exist()):
                if member.id == id:
                    raise InputError(f"{job.title}: the same work is already {duplicate.status} as {duplicate.id}.")
                continue
            if duplicate is not None:  # done, but its outputs are missing: its row is replaced by this one
                connection.execute(sa.delete(jobs).where(jobs.c.id == duplicate.id))
            connection.execute(sa.update(jobs).where(jobs.c.id == member.id).values(INITIAL_STATE))
        fail_orphaned(connection)
        queued = _one(connection, jobs.c.id == id)
    assert queued is not None, "the row was updated in this transaction"
    _wake()
    return queued


def forget(id: str) -> bool:
    """Delete the row and log of a job that has ended. False where it is live or unknown."""
    deletion = sa.delete(jobs).where(jobs.c.id == id, jobs.c.status.in_(("done", "failed", "cancelled")))
    with engine.writing() as connection:
        removed = connection.execute(deletion).rowcount > 0
    if removed:
        (settings().jobs / f"{id}.log").unlink(missing_ok=True)
    return removed


def fail_orphaned(connection: sa.Connection) -> None:
    """Fail queued jobs that depend on one that failed or was cancelled, and their dependents in turn."""
    query = sa.select(jobs).where(jobs.c.home == home(), jobs.c.status == "queued", jobs.c.after != "[]")
    waiting = [from_row(row) for row in connection.execute(query.order_by(jobs.c.created)).mappings()]
    failed = True
    while waiting and failed:
        known_states = states(connection, {id for job in waiting for id in job.after})
        failed = False
        for job in list(waiting):
            broken = next((id for id in job.after if known_states.get(id, ("", "gone"))[1] not in RETRYABLE), None)
            if broken is None:
                continue
            title, state = known_states.get(broken, (f"job {broken}", "gone"))
            outcome = {"failed": "failed", "cancelled": "was cancelled"}.get(state, "does not exist any more")
            sentence = f"It waits for “{title}” ({broken}), which {outcome}."
            change = {"status": "failed", "error": sentence, "finished": time.time()}
            connection.execute(sa.update(jobs).where(jobs.c.id == job.id, jobs.c.status == "queued").values(change))
            waiting.remove(job)
            failed = True


RETRYABLE = ("queued", "running", "done")


def states(connection: sa.Connection, ids: set[str]) -> dict[str, tuple[str, str]]:
    """{id: (title, status)}"""
    rows = connection.execute(sa.select(jobs.c.id, jobs.c.title, jobs.c.status).where(jobs.c.id.in_(ids)))
    return {row.id: (row.title, row.status) for row in rows}


def _with_dependents(connection: sa.Connection, job: Job) -> list[Job]:
    """The job, its ended dependencies (first), and its dependents that never started because it failed (last)."""
    query = sa.select(jobs).where(jobs.c.home == job.home, jobs.c.status.in_(("failed", "cancelled")))
    ended = {row["id"]: from_row(row) for row in connection.execute(query).mappings()}
    members = {job.id: job}
    growing = True
    while growing:
        count = len(members)
        for member in list(members.values()):
            members |= {id: ended[id] for id in member.after if id in ended}
        for other in ended.values():
            if other.status == "failed" and other.started is None and set(other.after) & members.keys():
                members[other.id] = other
        growing = len(members) > count
    return sorted(members.values(), key=lambda j: j.created)


def _one(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Job | None:
    row = connection.execute(sa.select(jobs).where(jobs.c.home == home(), *conditions)).mappings().first()
    return from_row(row) if row else None


def _wake() -> None:
    from cgid.jobs.processes import ensure_supervisor

    ensure_supervisor()
