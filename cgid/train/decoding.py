"""Decodes images in processes of their own, so that a file which crashes a decoder does not end the training."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from cgid.compute.limits import Limits, WorkerLost
from cgid.compute.process import WorkerProcess, outcome

ATTEMPTS = 2  # a process may have been ended for another's sake, such as by a system short of memory


class Processes(ThreadPoolExecutor):
    """An executor whose calls run in `count` other processes, each watched by a thread; they end with this one.

    A call whose process died is made once more in a new one; then its future raises WorkerLost. Others go on.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, thread_name_prefix="decode")
        self._own = threading.local()
        self._started: list[WorkerProcess] = []

    def submit(self, function: Callable[..., Any], /, *values: Any) -> Future:
        """function: of a module. values, result: can be pickled."""
        return super().submit(self._in_process, function, values)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        for process in self._started:
            process.close()

    def _in_process(self, function: Callable[..., Any], values: tuple) -> Any:
        if not hasattr(self._own, "process"):
            self._own.process = WorkerProcess(pickle.dumps(_called), Limits())
            self._started.append(self._own.process)
        for _ in range(ATTEMPTS):
            found = outcome(self._own.process.call(pickle.dumps((function, values), pickle.HIGHEST_PROTOCOL)))
            if not isinstance(found, WorkerLost):
                break
        if isinstance(found, Exception):
            raise found
        return found


def _called(call: tuple[Callable[..., Any], tuple]) -> Any:
    function, values = call
    return function(*values)
