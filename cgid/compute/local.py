"""Chunks over this machine's processes: one thread for each, so that a worker never waits for the consumer."""

from __future__ import annotations

import contextlib
import pickle
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cgid.compute.limits import Limits
from cgid.compute.process import WorkerProcess, outcome

AHEAD = 4  # finished chunks for each worker that the consumer may be behind


def run_local(
    function: Callable[[Any], Any], chunks: Iterable[Any], workers: int, limits: Limits
) -> Iterator[tuple[int, Any]]:
    """See `map_chunks`."""
    work = pickle.dumps(function, pickle.HIGHEST_PROTOCOL)
    processes = [WorkerProcess(work, limits) for _ in range(max(1, workers))]
    waiting, one_at_a_time = enumerate(chunks), threading.Lock()
    finished: queue.Queue = queue.Queue(AHEAD * len(processes))
    stop = threading.Event()

    def hand_out(process: WorkerProcess) -> None:
        """Chunk after chunk to one process; at the end None, or what the iterator of chunks raised."""
        end = None
        try:
            while not stop.is_set():
                with one_at_a_time:
                    item = next(waiting, None)
                if item is None:
                    break
                answer = process.call(pickle.dumps(item[1], pickle.HIGHEST_PROTOCOL))
                finished.put((item[0], answer))
        except BaseException as problem:  # it belongs to the consumer, whose thread this is not
            end = problem
        finally:
            process.close()
            finished.put(end)

    threads = [threading.Thread(target=hand_out, args=(p,), daemon=True) for p in processes]
    try:
        for thread in threads:
            thread.start()
        running = len(threads)
        while running:
            found = finished.get()
            if isinstance(found, tuple):
                yield found[0], outcome(found[1])
                continue
            running -= 1
            if found is not None:
                raise found
    finally:
        stop.set()
        for process in processes:
            process.close()
        while any(t.is_alive() for t in threads):  # none may be left waiting for room in the queue
            with contextlib.suppress(queue.Empty):
                finished.get(timeout=0.05)
