"""Where the folds of an ablation are worked on: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from cgid.compute.limits import WorkerLost, is_local
from cgid.compute.map import map_chunks
from cgid.errors import InputError

WORTH_SECONDS = 15.0  # of processor time left: below it a second process spends more on starting than it saves
ATTEMPTS = 3  # for a fold whose worker died


@dataclass(frozen=True, slots=True)
class Folds:
    """first_here: a few folds are worked on in this process, to learn whether others are worth starting."""

    executor: str
    workers: int
    first_here: bool

    @classmethod
    def at(cls, executor: str, workers: int, first_here: bool) -> Folds:
        """Raises InputError: no such executor, a cluster that cannot be reached or has another version of cgid."""
        if workers < 1:
            raise InputError(f"--workers {workers}: 0 or more processes are needed.")
        if is_local(executor):
            return cls(executor, workers, first_here)
        from cgid.compute.cluster import survey

        return cls(executor, survey(executor, {}).threads, False)

    def map(self, function: Callable[[Any], Any], chunks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """(index, result) as folds are done. A fold whose worker died is done again, one that raised ends the run."""
        left = list(range(len(chunks)))
        if is_local(self.executor) and (self.first_here or self.workers == 1):
            quickest = math.inf  # the first fold also loads libraries
            while left:
                if self.workers > 1 and WORTH_SECONDS < quickest * len(left) < math.inf:
                    break
                began, index = time.process_time(), left.pop(0)
                result = function(chunks[index])
                if len(chunks) - len(left) > 1:
                    quickest = min(quickest, time.process_time() - began)
                yield index, result
        yield from self._in_processes(function, chunks, left)

    def _in_processes(
        self, function: Callable[[Any], Any], chunks: Sequence[Any], left: list[int]
    ) -> Iterator[tuple[int, Any]]:
        for _ in range(ATTEMPTS):
            if not left:
                return
            lost: list[tuple[int, WorkerLost]] = []
            work = [chunks[i] for i in left]
            workers = min(self.workers, len(left))
            with closing(map_chunks(function, work, executor=self.executor, workers=workers)) as found:
                for place, result in found:
                    if isinstance(result, WorkerLost):
                        lost.append((left[place], result))
                    elif isinstance(result, Exception):
                        raise result
                    else:
                        yield left[place], result
            left = [index for index, _ in lost]
        if left:
            raise InputError(
                f"A fold was given up after {ATTEMPTS} attempts: {lost[0][1]}. The memory may be short; try again with "
                "--workers 1. Finished folds are kept."
            )
