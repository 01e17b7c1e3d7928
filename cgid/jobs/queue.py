"""The queue of a slot: jobs that run and wait, and the position of a job entered now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.settings import settings


@dataclass(frozen=True, slots=True)
class Queue:
    """slot: `cpu` or `gpu`. at_once: how many jobs may run on it. running, waiting: in order of execution."""

    slot: str
    at_once: int
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]

    @property
    def position(self) -> int:
        """Position of a job entered now: 0 = it starts at once, 1 = it is the first to wait, …

        Jobs that wait for an earlier step count as well: they are served first if that step ends in time.
        """
        free = self.at_once - len(self.running) - len(self.waiting)
        return 0 if free > 0 else len(self.waiting) + 1

    def ahead_of(self, id: str) -> int | None:
        """Number of jobs that wait before a waiting job; None where it does not wait."""
        ids = [job.id for job in self.waiting]
        return ids.index(id) if id in ids else None


def queue_of(slot: str, jobs: Sequence[Job] | None = None) -> Queue:
    """The queue of this home. jobs: live jobs of all slots, if already loaded."""
    live = store.list_jobs(status=("queued", "running")) if jobs is None else jobs
    current = settings()
    in_slot = sorted((j for j in live if j.slot == slot), key=lambda j: (j.created, j.id))
    running, waiting = (tuple(j for j in in_slot if j.status == status) for status in ("running", "queued"))
    return Queue(slot, {"gpu": current.gpu_slots}.get(slot, current.cpu_slots), running, waiting)
