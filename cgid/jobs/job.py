"""One row of the jobs table as everybody sees it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cgid.schema import JobStatus
from cgid.settings import settings

LIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A background job.

    home: the CGID_HOME it belongs to; its worker is that home's. params: canonical plain values. key: names the work.
    attempt: 1 at the first start. done, total: progress (total 0 = not known). seconds_left: as the step itself says,
    or None. error: one sentence for people, or ""; error_code, suggestion: the same for programs, as `InputError` has
    them. result: what the step returned, once done. pid, pid_born: the process and when it began (s since 1970).
    created, started, finished, beat: seconds since 1970. after: ids it waits for. outputs: what it makes.
    """

    id: str
    home: str
    kind: str
    title: str
    params: dict[str, Any]
    key: str
    slot: str
    status: str
    attempt: int
    done: int
    total: int
    note: str
    error: str
    result: dict[str, Any] | None
    pid: int | None
    pid_born: float | None
    cancel: bool
    created: float
    started: float | None
    finished: float | None
    beat: float | None
    after: tuple[str, ...]
    outputs: tuple[Path, ...]
    error_code: str = ""
    suggestion: dict[str, Any] | None = None
    seconds_left: float | None = None

    @property
    def live(self) -> bool:
        """Queued or running."""
        return self.status in LIVE

    @property
    def share(self) -> float:
        """How much is done, 0..1; 0 while the total is not known."""
        if self.status == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds(self) -> float:
        """How long it ran, or has been running."""
        return max(0.0, (self.finished or time.time()) - self.started) if self.started else 0.0

    @property
    def seconds_left_by_rate(self) -> float | None:
        """By the rate so far; None while nothing can be said."""
        if self.status != "running" or not 0 < self.share < 1:
            return None
        return self.seconds * (1 - self.share) / self.share

    @property
    def log(self) -> Path:
        return log_path(self.id)

    def outputs_exist(self) -> bool:
        return all(path.exists() for path in self.outputs)


def log_path(id: str) -> Path:
    """Where a job's process writes what it prints, all attempts one after the other."""
    return settings().jobs / f"{id}.log"


def from_row(row: sa.RowMapping) -> Job:
    return Job(
        **{
            **row,
            "params": json.loads(row["params"]),
            "result": None if row["result"] is None else json.loads(row["result"]),
            "cancel": bool(row["cancel"]),
            "after": tuple(json.loads(row["after"])),
            "outputs": tuple(Path(p) for p in json.loads(row["outputs"])),
            "suggestion": None if row["suggestion"] is None else json.loads(row["suggestion"]),
        }
    )
