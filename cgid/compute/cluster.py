"""Chunks over a Dask cluster that somebody else runs: Client.map and as_completed, a bounded number in flight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from cgid.compute.map import WorkerLost
from cgid.compute.worker import pin_threads
from cgid.errors import InputError

REACH_SECONDS = 5
PER_THREAD = 2  # chunks in flight for each thread of the cluster: enough that none waits for this process


def run_cluster(function: Callable[[Any], Any], chunks: Iterable[Any], address: str) -> Iterator[tuple[int, Any]]:
    """See `map_chunks`. The workers need cgid installed and the image files under the same paths."""
    from distributed import Client, as_completed
    from distributed.scheduler import KilledWorker

    client = _connect(Client, address)
    try:
        waiting = enumerate(chunks)
        ahead = PER_THREAD * max(1, sum(client.nthreads().values()))
        index_of: dict[str, int] = {}

        def send(count: int) -> list:
            items = list(islice(waiting, count))
            futures = client.map(
                _Pinned(function), [chunk for _, chunk in items], pure=False, key=getattr(function, "__name__", "chunk")
            )
            index_of.update({f.key: index for f, (index, _) in zip(futures, items)})
            return futures

        completed = as_completed(send(ahead))
        for future in completed:
            index, failure = index_of.pop(future.key), future.exception()
            completed.update(send(1))
            if isinstance(failure, KilledWorker):
                failure = WorkerLost()
            yield index, failure if failure is not None else future.result()
    finally:
        client.close()


def _connect(client: type, address: str) -> Any:
    try:
        return client(address, timeout=REACH_SECONDS)
    except (OSError, TimeoutError, ValueError) as failure:
        place = address.removeprefix("tcp://")
        raise InputError(
            f"No Dask scheduler answers at {place}; start one with `dask scheduler`, or use `--executor local`."
        ) from failure


class _Pinned:
    """`function` behind one thread per numeric library, in a worker that cgid did not start."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, chunk: Any) -> Any:
        pin_threads()
        return self.function(chunk)
