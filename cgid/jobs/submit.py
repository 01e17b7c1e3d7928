"""Hand work to the background: one row per piece of work, however often and by however many it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.errors import InputError
from cgid.jobs import store
from cgid.jobs.fingerprint import of_input, work_key
from cgid.jobs.job import Job
from cgid.jobs.kind import JobKind
from cgid.jobs.launch import ensure_worker
from cgid.jobs.registry import kind_named
from cgid.params import canonical, restore

MADE_BY = "job:"  # begins the fingerprint of an input that an earlier job makes


@dataclass(frozen=True, slots=True)
class Submitted:
    """new: False where the row was there already (queued, running, or done with its outputs)."""

    id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A job of a chain. kind: name of its kind. after: indexes of earlier steps that must be done first."""

    kind: str
    params: Any
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Maker:
    """A job that must be done first: what it makes is named by its key, whether it lies there already or not."""

    key: str
    outputs: tuple[Path, ...]

    def makes(self, path: Path) -> bool:
        return any(path == out or out in path.parents or path in out.parents for out in self.outputs)


def submit(kind_name: str, params: Any, after: Sequence[str] = ()) -> Submitted:
    """Enter one job and see that a worker runs. after: ids of jobs that must be done first.

    Raises InputError: unknown kind or job, parameters of the wrong type, an input nobody makes.
    """
    forerunners = {job.id: job for id in after for job in _ancestry(id)}
    makers = [_Maker(job.key, job.outputs) for job in forerunners.values()]
    [(id, new)] = store.enter([_work(kind_named(kind_name), params, makers, tuple(after))])
    ensure_worker()
    return Submitted(id, new)


def submit_chain(steps: Sequence[Step]) -> list[str]:
    """Enter steps all together or not at all; their ids.

    The same chain again gives the same ids as long as what it made is there. Raises InputError as `submit` does.
    """
    work: list[store.Work] = []
    ancestors: list[set[int]] = []
    for index, step in enumerate(steps):
        if any(not 0 <= a < index for a in step.after):
            raise InputError(f"Step {index + 1} ({step.kind}) may only come after steps before it.")
        ancestors.append(set(step.after).union(*(ancestors[a] for a in step.after)))
        makers = [_Maker(work[a].key, work[a].outputs) for a in sorted(ancestors[index])]
        work.append(_work(kind_named(step.kind), step.params, makers, tuple(step.after)))
    entered = store.enter(work)
    ensure_worker()
    return [id for id, _ in entered]


def resume_pending() -> bool:
    """See that a worker runs if anything is queued or running, as after a restart of the machine. Cheap otherwise."""
    if not store.any_live():
        return False
    ensure_worker()
    return True


def _work(kind: JobKind, params: Any, makers: Sequence[_Maker], after: tuple[str | int, ...]) -> store.Work:
    if not isinstance(params, kind.params):
        raise InputError(f"{kind.name} takes {kind.params.__name__}, not {type(params).__name__}.")
    try:
        values = canonical(params)
        params = restore(kind.params, values)  # absolute paths, as the job's process will see them
        outputs = tuple(Path(p) for p in kind.outputs(params))
        inputs = [(str(p), _fingerprint(kind, Path(p), makers, outputs)) for p in kind.inputs(params)]
        if kind.stamp and not any(mark.startswith(MADE_BY) for _, mark in inputs):
            inputs.append(("stamp", kind.stamp(params)))
        key = work_key(kind.name, kind.version, values, inputs)
    except InputError:
        raise
    except (TypeError, ValueError) as error:  # a NUL in a path, not a number, text where a number belongs
        raise InputError(f"{kind.title}: {error}.") from error
    return store.Work(kind.name, kind.title, values, key, kind.slot_of(params), outputs, after, kind.always)


def _fingerprint(kind: JobKind, path: Path, makers: Sequence[_Maker], outputs: tuple[Path, ...]) -> str:
    made_by = [m.key for m in makers if m.makes(path)]
    if made_by:
        return MADE_BY + ",".join(sorted(made_by))
    try:
        return of_input(path, apart_from=outputs)
    except FileNotFoundError as error:
        raise InputError(f"{kind.title}: {path} is not there; check the path, or make it first.") from error
    except OSError as error:
        raise InputError(f"{kind.title}: {path} cannot be read ({error.strerror}).") from error


def _ancestry(id: str) -> list[Job]:
    """The job and all it waits for. Raises InputError where it is not there."""
    found: dict[str, Job] = {}
    ahead = [id]
    while ahead:
        next_id = ahead.pop()
        if next_id in found:
            continue
        job = store.get(next_id)
        if job is None:
            raise InputError(f"No job has the id {next_id!r}; it may have been removed.")
        found[next_id] = job
        ahead += job.after
    return list(found.values())
