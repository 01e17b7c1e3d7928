"""Who runs and who waits for a slot, so that people know what comes before a job they are about to enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.settings import settings


@dataclass(frozen=True, slots=True)
class Queue:
    """slot: `cpu` or `gpu`. at_once: how many jobs may run on it. running, waiting: the first to be served first."""

    slot: str
    at_once: int
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]

    @property
    def place(self) -> int:
        """Of a job entered now: 0 = it starts at once, 1 = it is the first to wait, …

        Jobs that wait for an earlier step count as well: they are served first if that step ends in time.
        """
        free = self.at_once - len(self.running) - len(self.waiting)
        return 0 if free > 0 else len(self.waiting) + 1

    def ahead_of(self, id: str) -> int | None:
        """How many wait before a waiting job; None where it does not wait."""
        ids = [job.id for job in self.waiting]
        return ids.index(id) if id in ids else None


def queue_of(slot: str, jobs: Sequence[Job] | None = None) -> Queue:
    """Of this home. jobs: live jobs of all slots where they are at hand."""
    live = store.list_jobs(status=("queued", "running")) if jobs is None else jobs
    here = settings()
    mine = sorted((j for j in live if j.slot == slot), key=lambda j: (j.created, j.id))
    running, waiting = (tuple(j for j in mine if j.status == status) for status in ("running", "queued"))
    return Queue(slot, {"gpu": here.gpu_slots}.get(slot, here.cpu_slots), running, waiting)
