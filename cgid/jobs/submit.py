"""Submits work to the background, one row per unit of work: the same work again returns the job that exists.

Work is identified by a key over its kind, parameters, inputs and code version.
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
from cgid.jobs.processes import ensure_supervisor
from cgid.params import canonical, restore


def work_key(kind: str, version: int, params: dict[str, Any], inputs: Sequence[Sequence[str]]) -> str:
    """sha256 over kind, canonical parameters, (path, fingerprint) of the inputs, and the code's version."""
    text = json.dumps([kind, version, __version__, params, inputs], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def input_fingerprint(path: Path, excluded: Iterable[Path] = ()) -> str:
    """Fingerprint of a file's content, or of a folder's relative paths, sizes and modification times.

    apart_from: the job's own outputs, which must not change the fingerprint of its input.
    Raises FileNotFoundError where `path` does not exist.
    """
    if path.is_dir():
        return "folder:" + _folder_fingerprint(path, {str(p) for p in excluded})
    return "file:" + sha256_of(path)


def _folder_fingerprint(path: Path, excluded: set[str]) -> str:
    entries: list[str] = []

    def walk(folder: str, relative: str) -> None:
        with os.scandir(folder) as entries_:
            for entry in entries_:
                name = f"{relative}{entry.name}"
                if entry.path in excluded or entry.name.startswith("."):
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


JOB_PREFIX = "job:"  # prefix of the fingerprint of an input that an earlier job writes


@dataclass(frozen=True, slots=True)
class Submitted:
    """new: False where the row already existed (queued, running, or done with its outputs)."""

    id: str
    new: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A job of a chain. kind: name of its kind. after: indexes of earlier steps that must be done first."""

    kind: str
    params: Any
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Producer:
    """A dependency: its outputs are fingerprinted by its key, whether they exist already or not."""

    key: str
    outputs: tuple[Path, ...]

    def makes(self, path: Path) -> bool:
        return any(path == out or out in path.parents or path in out.parents for out in self.outputs)


def submit(kind_name: str, params: Any, after: Sequence[str] = ()) -> Submitted:
    """Enter one job and make sure that a supervisor runs. after: ids of jobs that must be done first.

    Raises InputError: unknown kind or job, parameters of the wrong type, a missing input.
    """
    ancestors = {job.id: job for id in after for job in _with_ancestors(id)}
    producers = [_Producer(job.key, job.outputs) for job in ancestors.values()]
    [(id, new)] = store.enter([_work(kind_named(kind_name), params, producers, tuple(after))])
    ensure_supervisor()
    return Submitted(id, new)


def submit_chain(steps: Sequence[Step]) -> list[str]:
    """Enter all steps or none; their ids.

    The same chain again gives the same ids as long as its outputs exist. Raises InputError as `submit` does.
    """
    work: list[store.Work] = []
    ancestors: list[set[int]] = []
    for index, step in enumerate(steps):
        if any(not 0 <= a < index for a in step.after):
            raise InputError(f"Step {index + 1} ({step.kind}) may only come after steps before it.")
        ancestors.append(set(step.after).union(*(ancestors[a] for a in step.after)))
        producers = [_Producer(work[a].key, work[a].outputs) for a in sorted(ancestors[index])]
        work.append(_work(kind_named(step.kind), step.params, producers, tuple(step.after)))
    entered = store.enter(work)
    ensure_supervisor()
    return [id for id, _ in entered]


def resume_pending() -> bool:
    """Make sure that a supervisor runs if any job is queued or running, as after a restart of the machine."""
    if not store.any_live():
        return False
    ensure_supervisor()
    return True


def _work(kind: JobKind, params: Any, producers: Sequence[_Producer], after: tuple[str | int, ...]) -> store.Work:
    if not isinstance(params, kind.params):
        raise InputError(f"{kind.name} takes {kind.params.__name__}, not {type(params).__name__}.")
    try:
        values = canonical(params)
        params = restore(kind.params, values)  # absolute paths, as in the job's process
        outputs = tuple(Path(p) for p in kind.outputs(params))
        inputs = [(str(p), _fingerprint(kind, Path(p), producers, outputs)) for p in kind.inputs(params)]
        if kind.fingerprint and not any(fingerprint.startswith(JOB_PREFIX) for _, fingerprint in inputs):
            inputs.append(("stamp", kind.fingerprint(params)))
        key = work_key(kind.name, kind.version, values, inputs)
    except InputError:
        raise
    except (TypeError, ValueError) as error:  # a NUL in a path, not a number, text where a number belongs
        raise InputError(f"{kind.title}: {error}.") from error
    return store.Work(kind.name, kind.title, values, key, kind.resource_of(params), outputs, after, kind.always)


def _fingerprint(kind: JobKind, path: Path, producers: Sequence[_Producer], outputs: tuple[Path, ...]) -> str:
    producer_keys = [m.key for m in producers if m.makes(path)]
    if producer_keys:
        return JOB_PREFIX + ",".join(sorted(producer_keys))
    try:
        return input_fingerprint(path, excluded=outputs)
    except FileNotFoundError as error:
        raise InputError(f"{kind.title}: {path} is not there; check the path, or create it first.") from error
    except OSError as error:
        raise InputError(f"{kind.title}: {path} cannot be read ({error.strerror}).") from error


def _with_ancestors(id: str) -> list[Job]:
    """The job and all its dependencies. Raises InputError where one does not exist."""
    jobs: dict[str, Job] = {}
    pending = [id]
    while pending:
        next_id = pending.pop()
        if next_id in jobs:
            continue
        job = store.get(next_id)
        if job is None:
            raise InputError(f"No job has the id {next_id!r}; it may have been removed.")
        jobs[next_id] = job
        pending += job.after
    return list(jobs.values())
