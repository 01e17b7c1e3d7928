"""Chunks over this machine's processes: one loky executor per worker, so that a death costs one chunk, not the pool."""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from cgid.compute.map import WorkerLost
from cgid.compute.worker import ONE_THREAD, begin


def run_local(function: Callable[[Any], Any], chunks: Iterable[Any], workers: int) -> Iterator[tuple[int, Any]]:
    """See `map_chunks`. A shared pool breaks as a whole when one of its processes dies; single ones do not."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    waiting = enumerate(chunks)
    running: dict[Future, tuple[int, Any]] = {}

    def start(executor: Any) -> None:
        """Give this worker the next chunk; without one, let it go."""
        item = next(waiting, None)
        if item is None:
            if executor is not None:
                executor.shutdown(wait=False)
            return
        executor = executor or _one_process()
        running[executor.submit(function, item[1])] = (item[0], executor)

    try:
        for _ in range(max(1, workers)):
            start(None)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                index, executor = running.pop(future)
                failure = future.exception()
                if isinstance(failure, BrokenProcessPool):
                    executor.shutdown(wait=False, kill_workers=True)
                    executor, failure = None, WorkerLost(_exit_codes(failure))
                # The next chunk starts before the consumer handles this one: nobody waits for a disk.
                start(executor)
                yield index, failure if failure is not None else future.result()
    finally:
        for future, (_, executor) in running.items():
            _until_handed_out(future)
            executor.shutdown(wait=False, kill_workers=True)


def _exit_codes(failure: Exception) -> str:
    """loky tells them in words only."""
    found = re.search(r"exit codes of the workers are \{(.*?)\}", str(failure))
    return found[1] if found else ""


def _until_handed_out(future: Future) -> None:
    """loky's thread trips over a chunk that is taken back before the process got it."""
    deadline = time.monotonic() + 2
    while not (future.running() or future.done()) and time.monotonic() < deadline:
        time.sleep(0.005)


def _one_process() -> Any:
    from joblib.externals.loky.process_executor import ProcessPoolExecutor

    # loky replaces a process whose memory has grown; that is wanted, and no news for people.
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given to the executor")
    return ProcessPoolExecutor(max_workers=1, initializer=begin, initargs=(os.getpid(),), env=ONE_THREAD)
