"""The one seam for parallel work: chunks mapped over this machine's processes or over a running Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cgid.errors import InputError
from cgid.settings import processors


class WorkerLost(RuntimeError):
    """The process that worked on a chunk died (segmentation fault, out of memory, killed); the others go on.

    exit_codes: such as `SIGSEGV(-11)`, `SIGKILL(-9)` or `EXIT(1)`; empty where not known.
    """

    def __init__(self, exit_codes: str = "") -> None:
        super().__init__(f"the worker process died ({exit_codes})" if exit_codes else "the worker process died")
        self.exit_codes = exit_codes


def map_chunks(
    function: Callable[[Any], Any], chunks: Iterable[Any], *, executor: str = "local", workers: int = 0
) -> Iterator[tuple[int, Any]]:
    """Yield (index of the chunk, its result) as chunks complete, in no particular order.

    function: module-level function of one chunk; runs in another process with numeric libraries held to one thread.
    chunks: read as workers become free, so it may be long or endless.
    executor: `local`, or `dask://HOST:PORT` of a running scheduler.
    workers: local processes; 0 = all processors. One worker is a process too, so that a crash never ends the caller.
    A chunk whose function raised yields the exception, one whose process died yields `WorkerLost`: neither ends the
    run. Closing the iterator, or the death of this process, ends the workers.
    Raises InputError where `executor` is unknown or the scheduler cannot be reached.
    """
    if executor == "local":
        from cgid.compute.local import run_local

        return run_local(function, chunks, workers or processors())
    if executor.startswith("dask://"):
        from cgid.compute.cluster import run_cluster

        return run_cluster(function, chunks, "tcp://" + executor.removeprefix("dask://"))
    raise InputError(f"Executor `{executor}` is not known; use `local` or `dask://HOST:PORT`.")
