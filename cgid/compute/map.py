"""`map_chunks`: maps chunks over processes of this machine or over an existing Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any

from cgid.compute.limits import Limits, SharedFiles, is_local
from cgid.settings import processors


def map_chunks(
    function: Callable[[Any], Any],
    chunks: Iterable[Any],
    *,
    executor: str = "local",
    workers: int = 0,
    limits: Limits = Limits(),
    files: SharedFiles | None = None,
) -> Generator[tuple[int, Any], None, None]:
    """Yield (index of the chunk, its result) as chunks complete, in no particular order.

    function: module-level function of one chunk, or an object that can be pickled and called; it runs in another
    process with numeric libraries held to one thread. It is sent once to each process, each chunk by itself.
    chunks: read as workers become free, so it may be long or endless.
    executor: `local`, or `dask://HOST:PORT` of a running scheduler.
    files: what workers of a cluster need in addition to the chunks; ignored by local processes, which see them where
    they are.
    workers: local processes; 0 = all processors. One worker is a process too, so that a crash never ends the caller.
    A chunk whose function raised yields the exception, one whose process ended yields `WorkerLost`: neither ends the
    run. Closing the iterator, or the death of this process, ends the workers.
    Raises InputError where `executor` is unknown, or the scheduler cannot be reached or has no workers fit for this.
    """
    if is_local(executor):
        from cgid.compute.local import run_local

        return run_local(function, chunks, workers or processors(), limits)
    from cgid.compute.cluster import run_cluster

    return run_cluster(function, chunks, executor, limits, files)
