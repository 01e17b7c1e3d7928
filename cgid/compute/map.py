"""The one seam for parallel work: chunks mapped over this machine's processes or over a running Dask cluster."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.errors import InputError
from cgid.settings import processors

LOCAL, DASK = "local", "dask://"
_ADDRESS = re.compile(r"dask://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\]):([0-9]{1,5})")


class WorkerLost(RuntimeError):
    """The process that worked on a chunk came to its end; the others go on.

    cause: `time`, `memory` (a limit ended it), `died` (crashed, killed) or `closed`. words: the same for people, to
    follow a name: `took longer than 60 s`.
    """

    def __init__(self, cause: str = "died", words: str = "the worker process died") -> None:
        super().__init__(cause, words)
        self.cause, self.words = cause, words

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item of a chunk may take; whoever takes more ends with its process.

    seconds: from one `worker.item_begins()` to the next, or the end of the chunk. megabytes: of 10^6 bytes, resident.
    """

    seconds: float = math.inf
    megabytes: float = math.inf


@dataclass(frozen=True, slots=True)
class Files:
    """Files that go once to each worker of a cluster. name: of the set; a new one where any content is new.

    A worker finds them, under their own names, in the folder `sent(name)`.
    """

    name: str
    paths: tuple[Path, ...]


SENT = "CGID_SENT_FILES"  # in a worker's environment: the folder that holds one folder for each `Files`


def sent(name: str) -> Path | None:
    """In a worker: the folder of the files that were sent under this name, None where there are none."""
    folder = Path(os.environ[SENT]) / name if SENT in os.environ else None
    return folder if folder is not None and folder.is_dir() else None


def map_chunks(
    function: Callable[[Any], Any],
    chunks: Iterable[Any],
    *,
    executor: str = "local",
    workers: int = 0,
    limits: Limits = Limits(),
    files: Files | None = None,
) -> Iterator[tuple[int, Any]]:
    """Yield (index of the chunk, its result) as chunks complete, in no particular order.

    function: module-level function of one chunk, or an object that can be pickled and called; it runs in another
    process with numeric libraries held to one thread. It is sent once to each process, each chunk by itself.
    chunks: read as workers become free, so it may be long or endless.
    executor: `local`, or `dask://HOST:PORT` of a running scheduler.
    files: what workers of a cluster need beside the chunks; ignored by local processes, which see them where they are.
    workers: local processes; 0 = all processors. One worker is a process too, so that a crash never ends the caller.
    A chunk whose function raised yields the exception, one whose process came to its end yields `WorkerLost`: neither
    ends the run. Closing the iterator, or the death of this process, ends the workers.
    Raises InputError where `executor` is unknown, or the scheduler cannot be reached or has no workers fit for this.
    """
    if is_local(executor):
        from cgid.compute.local import run_local

        return run_local(function, chunks, workers or processors(), limits)
    from cgid.compute.cluster import run_cluster

    return run_cluster(function, chunks, executor, limits, files)


def is_local(executor: str) -> bool:
    """Raises InputError where it is neither `local` nor `dask://HOST:PORT`."""
    if executor != LOCAL and not _is_address(executor):
        raise InputError(f"Executor `{executor}` is not known; use `local` or `dask://HOST:PORT`.")
    return executor == LOCAL


def executor_at(address: str) -> str:
    """`dask://HOST:PORT` of what a person writes: with `tcp://`, with `dask://` or bare. Raises InputError."""
    bare = address.strip().removeprefix("tcp://").removeprefix(DASK).rstrip("/")
    if not _is_address(DASK + bare):
        raise InputError(f"`{address}` is no address of a Dask scheduler; write HOST:PORT, such as 10.0.0.5:8786.")
    return DASK + bare


def _is_address(executor: str) -> bool:
    found = _ADDRESS.fullmatch(executor)
    return bool(found) and 0 < int(found[2]) < 65536
