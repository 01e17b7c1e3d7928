"""The rows of background jobs: enter, look up, cancel, retry. The one thing app, shell, worker and jobs share."""

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
FRESH: dict[str, Any] = {
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
    "pid_born": None,
    "cancel": 0,
    "started": None,
    "finished": None,
    "beat": None,
}


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work to enter as a row. after: ids of rows, or indexes of earlier pieces entered with it."""

    kind: str
    title: str
    params: dict[str, Any]
    key: str
    slot: str
    outputs: tuple[Path, ...]
    after: tuple[str | int, ...] = ()
    always: bool = False


def home() -> str:
    """The CGID_HOME whose jobs these are: a shared database may hold those of several."""
    return str(settings().home)


def enter(work: Sequence[Work]) -> list[tuple[str, bool]]:
    """Enter all or none: (id, new) for each. The same key gives the row that is queued, running, or done with its
    outputs still there; a done row whose outputs are gone is queued again under its id and counts as new."""
    entered: list[tuple[str, bool]] = []
    with engine.writing() as connection:
        fail_the_forsaken(connection)
        for piece in work:
            after = [entered[a][0] if isinstance(a, int) else a for a in piece.after]
            entered.append(_enter_one(connection, piece, after))
    return entered


def _enter_one(connection: sa.Connection, piece: Work, after: list[str]) -> tuple[str, bool]:
    values = {
        **FRESH,
        "home": home(),
        "kind": piece.kind,
        "title": piece.title,
        "params": json.dumps(piece.params),
        "key": piece.key,
        "slot": piece.slot,
        "after": json.dumps(list(dict.fromkeys(after))),
        "outputs": json.dumps([str(p) for p in piece.outputs]),
        "created": time.time(),
    }
    while True:
        present = _one(connection, jobs.c.key == piece.key, jobs.c.status.in_(("queued", "running", "done")))
        if present is None:
            try:
                with connection.begin_nested():
                    id = uuid.uuid4().hex[:12]
                    connection.execute(sa.insert(jobs).values(id=id, **values))
                    return id, True
            except sa.exc.IntegrityError:
                continue  # entered by another at the same moment (databases without one lock for all writers)
        if present.status != "done" or (not piece.always and present.outputs_exist()):
            return present.id, False
        again = sa.update(jobs).where(jobs.c.id == present.id, jobs.c.status == "done").values(values)
        if connection.execute(again).rowcount:
            return present.id, True


def get(id: str) -> Job | None:
    with engine.reading() as connection:
        row = connection.execute(sa.select(jobs).where(jobs.c.id == id)).mappings().first()
    return from_row(row) if row else None


def find(id: str) -> Job:
    """By id or its unambiguous beginning. Raises InputError."""
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
    """Is anything queued or running? One indexed look-up, for pages that poll."""
    query = sa.select(jobs.c.id).where(jobs.c.home == home(), jobs.c.status.in_(("queued", "running"))).limit(1)
    with engine.reading() as connection:
        return connection.execute(query).first() is not None


def request_cancel(id: str) -> bool:
    """A queued job is cancelled at once; a running one by the worker, in seconds. False where it had already ended."""
    now = time.time()
    with engine.writing() as connection:
        mine = sa.update(jobs).where(jobs.c.id == id)
        queued = mine.where(jobs.c.status == "queued").values(status="cancelled", finished=now, note="")
        if connection.execute(queued).rowcount:
            fail_the_forsaken(connection)
            return True
        running = connection.execute(mine.where(jobs.c.status == "running").values(cancel=1)).rowcount > 0
    if running:
        _wake()
    return running


def retry(id: str) -> Job:
    """Queue a failed or cancelled job again, with those it waits for that failed and those that failed waiting for it.

    Raises InputError where it is live or done, or where the same work already is.
    """
    with engine.writing() as connection:
        job = _one(connection, jobs.c.id == id)
        if job is None:
            raise InputError(f"No job has the id {id!r}.")
        if job.status not in ("failed", "cancelled"):
            raise InputError(f"{job.title} ({id}) is {job.status}; only a failed or cancelled job can be retried.")
        for each in _with_kin(connection, job):
            twin = _one(connection, jobs.c.key == each.key, jobs.c.status.in_(("queued", "running", "done")))
            if twin is not None and (twin.live or twin.outputs_exist()):
                if each.id == id:
                    raise InputError(f"{job.title}: the same work is already {twin.status} as {twin.id}.")
                continue
            if twin is not None:  # done, but what it made is gone: its row gives way to this one
                connection.execute(sa.delete(jobs).where(jobs.c.id == twin.id))
            connection.execute(sa.update(jobs).where(jobs.c.id == each.id).values(FRESH))
        fail_the_forsaken(connection)
        job = _one(connection, jobs.c.id == id)
    _wake()
    return job


def forget(id: str) -> bool:
    """Remove the row of a job that has ended, and its log. False where it is live or unknown."""
    gone = sa.delete(jobs).where(jobs.c.id == id, jobs.c.status.in_(("done", "failed", "cancelled")))
    with engine.writing() as connection:
        removed = connection.execute(gone).rowcount > 0
    if removed:
        (settings().jobs / f"{id}.log").unlink(missing_ok=True)
    return removed


def fail_the_forsaken(connection: sa.Connection) -> None:
    """Queued jobs that wait for one that failed or was cancelled fail, and so on down the chain."""
    query = sa.select(jobs).where(jobs.c.home == home(), jobs.c.status == "queued", jobs.c.after != "[]")
    waiting = [from_row(row) for row in connection.execute(query.order_by(jobs.c.created)).mappings()]
    failed = True
    while waiting and failed:
        known = states(connection, {id for job in waiting for id in job.after})
        failed = False
        for job in list(waiting):
            lost = next((id for id in job.after if known.get(id, ("", "gone"))[1] not in STILL_HOPED_FOR), None)
            if lost is None:
                continue
            title, state = known.get(lost, (f"job {lost}", "gone"))
            fate = {"failed": "failed", "cancelled": "was cancelled"}.get(state, "is not there any more")
            sentence = f"It waits for “{title}” ({lost}), which {fate}."
            change = {"status": "failed", "error": sentence, "finished": time.time()}
            connection.execute(sa.update(jobs).where(jobs.c.id == job.id, jobs.c.status == "queued").values(change))
            waiting.remove(job)
            failed = True


STILL_HOPED_FOR = ("queued", "running", "done")


def states(connection: sa.Connection, ids: set[str]) -> dict[str, tuple[str, str]]:
    """{id: (title, status)}"""
    rows = connection.execute(sa.select(jobs.c.id, jobs.c.title, jobs.c.status).where(jobs.c.id.in_(ids)))
    return {row.id: (row.title, row.status) for row in rows}


def _with_kin(connection: sa.Connection, job: Job) -> list[Job]:
    """The job, ended jobs it waits for (first), and jobs that never started because it failed (last)."""
    query = sa.select(jobs).where(jobs.c.home == job.home, jobs.c.status.in_(("failed", "cancelled")))
    ended = {row["id"]: from_row(row) for row in connection.execute(query).mappings()}
    chosen = {job.id: job}
    grown = True
    while grown:
        before = len(chosen)
        for each in list(chosen.values()):
            chosen |= {id: ended[id] for id in each.after if id in ended}
        for other in ended.values():
            if other.status == "failed" and other.started is None and set(other.after) & chosen.keys():
                chosen[other.id] = other
        grown = len(chosen) > before
    return sorted(chosen.values(), key=lambda j: j.created)


def _one(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Job | None:
    row = connection.execute(sa.select(jobs).where(jobs.c.home == home(), *conditions)).mappings().first()
    return from_row(row) if row else None


def _wake() -> None:
    from cgid.jobs.processes import ensure_worker

    ensure_worker()
