"""`Job`: one row of the jobs table as an object."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cgid.schema import JobStatus
from cgid.settings import settings

COLUMNS = {"beat": "heartbeat", "pid_born": "pid_start_time"}  # column of the table: field of `Job`
LIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A background job.

    home: the CGID_HOME it belongs to, whose supervisor runs it. params: canonical plain values. key: identifies the
    work. attempt: 1 at the first start. done, total: progress (total 0 = not known). seconds_left: the step's own
    estimate, or None. error: one sentence, or ""; error_code, suggestion: the same in machine-readable form, as in
    `InputError`. result: what the step returned, once done. pid, pid_start_time: the process and its start time.
    created, started, finished, heartbeat: times, seconds since 1970. after: ids of the jobs it waits for. outputs: the
    files and folders it writes.
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
    pid_start_time: float | None
    cancel: bool
    created: float
    started: float | None
    finished: float | None
    heartbeat: float | None
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
    def fraction_done(self) -> float:
        """Fraction of the work done, 0..1; 0 while the total is not known."""
        if self.status == "done":
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds(self) -> float:
        """Run time so far, in seconds."""
        return max(0.0, (self.finished or time.time()) - self.started) if self.started else 0.0

    @property
    def seconds_left_by_rate(self) -> float | None:
        """Remaining seconds, estimated from the rate so far; None while there is no rate."""
        if self.status != "running" or not 0 < self.fraction_done < 1:
            return None
        return self.seconds * (1 - self.fraction_done) / self.fraction_done

    @property
    def log(self) -> Path:
        return log_path(self.id)

    def outputs_exist(self) -> bool:
        return all(path.exists() for path in self.outputs)


def log_path(id: str) -> Path:
    """Log file of a job: the output of its process, all attempts one after the other."""
    return settings().jobs / f"{id}.log"


def from_row(row: sa.RowMapping) -> Job:
    """The job of a row of the table `jobs`; two of its columns have names of their own (`COLUMNS`)."""
    return Job(
        **{
            **{COLUMNS.get(name, name): value for name, value in row.items()},
            "params": json.loads(row["params"]),
            "result": None if row["result"] is None else json.loads(row["result"]),
            "cancel": bool(row["cancel"]),
            "after": tuple(json.loads(row["after"])),
            "outputs": tuple(Path(p) for p in json.loads(row["outputs"])),
            "suggestion": None if row["suggestion"] is None else json.loads(row["suggestion"]),
        }
    )
