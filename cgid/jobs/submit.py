"""Hand work to the background: one row per piece of work, however often and by however many it is asked for.

Names a piece of work by what goes into it, so that the same work is recognised and other work never is.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid import __version__
from cgid.errors import InputError
from cgid.files import sha256_of
from cgid.jobs import store
from cgid.jobs.job import Job
from cgid.jobs.kind import JobKind, kind_named
from cgid.jobs.processes import ensure_worker
from cgid.params import canonical, restore


def work_key(kind: str, version: int, params: dict[str, Any], inputs: Sequence[Sequence[str]]) -> str:
    """sha256 over kind, canonical parameters, (path, fingerprint) of the inputs, and the code's version."""
    words = json.dumps([kind, version, __version__, params, inputs], sort_keys=True, allow_nan=False)
    return hashlib.sha256(words.encode()).hexdigest()


def of_input(path: Path, apart_from: Iterable[Path] = ()) -> str:
    """A file's content; a folder's relative paths, sizes and times of change.

    apart_from: what the job itself writes, which must not make its input look new.
    Raises FileNotFoundError where there is nothing at `path`.
    """
    if path.is_dir():
        return "folder:" + _of_folder(path, {str(p) for p in apart_from})
    return "file:" + sha256_of(path)


def _of_folder(path: Path, skip: set[str]) -> str:
    entries: list[str] = []

    def walk(folder: str, relative: str) -> None:
        with os.scandir(folder) as found:
            for entry in found:
                name = f"{relative}{entry.name}"
                if entry.path in skip or entry.name.startswith("."):
                    continue  # hidden files are never images; among them are half-written ones
                if entry.is_dir(follow_symlinks=True) and not entry.is_symlink():
                    walk(entry.path, f"{name}/")
                    continue
                try:
                    stat = entry.stat()
                except FileNotFoundError:  # a dangling link, or gone since
                    continue
                entries.append(json.dumps([name, stat.st_size, stat.st_mtime_ns]))

    walk(str(path), "")
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


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
