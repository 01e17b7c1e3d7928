"""One extraction under way: what is missing goes to the processes, what comes back goes to the store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from cgid.compute.limits import WorkerLost
from cgid.errors import InputError
from cgid.features.group import FeatureGroup
from cgid.features.place import Place
from cgid.features.plan import IMAGES_PER_CHUNK, Content, Keys, chunks, missing
from cgid.features.progress import Progress
from cgid.features.store import GroupStore, cache_names
from cgid.features.work import Item, MeasureChunk, Measured, Values

COMMIT_IMAGES = 2048
COMMIT_SECONDS = 3.0


class Measuring:
    """What one extraction has measured but not yet committed. groups: those that can be measured."""

    def __init__(self, groups: Mapping[str, FeatureGroup], progress: Progress, paths: Sequence[str]) -> None:
        self.groups, self.progress, self.paths = groups, progress, paths
        self.keys = Keys(groups)
        names = cache_names(groups)
        self.stores = {k: GroupStore(names[k], g.columns) for k, g in groups.items()}
        self.failed_rows: set[int] = set()
        self.pending: dict[str, list[Values]] = {}
        self.pending_images, self.committed = 0, time.monotonic()

    def fail(self, rows: Sequence[int], reason: str) -> None:
        self.failed_rows.update(rows)
        self.progress.fail([self.paths[r] for r in rows], reason)

    def measure_all(self, contents: Sequence[Content], place: Place) -> None:
        lacks = missing(contents, self.stores, self.keys)
        self.progress.begin(sum(len(c.rows) for c in contents if c.name not in lacks))
        todo = {c.name: c for c in contents if c.name in lacks}
        lost = self._pass(list(todo.values()), lacks, place, alone=False)
        # Which image ended its process shows when each has a process to itself; the others of its chunk go on. The
        # client has read every file, so one that a worker did not see is sent.
        self._pass([todo[name] for name in lost], lacks, replace(place, send_images=not place.is_local), alone=True)

    def _pass(
        self, contents: list[Content], lacks: Mapping[str, tuple[str, ...]], place: Place, *, alone: bool
    ) -> list[str]:
        """Measure contents; returns the names of those that were not seen or whose chunk was lost.

        alone: each by itself; these have failed then.
        """
        if not contents:
            return []
        by_name = {c.name: c for c in contents}
        in_flight: list[tuple[str, ...]] = []
        lost: list[str] = []

        def work() -> Iterator[tuple[Item, ...]]:
            images = 1 if alone else IMAGES_PER_CHUNK
            for chunk in chunks(
                contents, lacks, self.groups, self.stores, self.keys, place.workers, images, place.send_images
            ):
                in_flight.append(tuple(item.name for item in chunk))
                yield chunk

        with closing(place.map_chunks(MeasureChunk(self.groups), work())) as results:
            for index, result in results:
                if isinstance(result, InputError):
                    raise result  # no image's fault: a worker is not fit for this work
                if not isinstance(result, Exception):
                    self._take(result, by_name)
                    if alone:
                        self._take(Measured(result.unseen, {}, {}), by_name)
                    else:
                        lost += result.unseen
                elif alone:
                    content = by_name[in_flight[index][0]]
                    self.fail(content.rows, _why_lost(content, result))
                else:
                    lost += in_flight[index]
                self._commit()
        self._commit(everything=True)
        return lost

    def _take(self, chunk: Measured, by_name: Mapping[str, Content]) -> None:
        for name, reason in chunk.unreadable.items():
            self.fail(by_name[name].rows, reason)
        measured: set[str] = set()
        for group, values in chunk.values.items():
            self.pending.setdefault(group, []).append(values)
            measured.update(values.names)
        self.pending_images += len(measured)
        self.progress.advance(sum(len(by_name[name].rows) for name in measured))

    def _commit(self, everything: bool = False) -> None:
        due = self.pending_images >= COMMIT_IMAGES or time.monotonic() - self.committed >= COMMIT_SECONDS
        if not (due or everything):
            return
        for group, parts in self.pending.items():
            names = [self.keys.of(group, name) for part in parts for name in part.names]
            numbers = np.concatenate([part.numbers for part in parts])
            self.stores[group].add(names, numbers, [problem for part in parts for problem in part.problems])
        self.pending, self.pending_images, self.committed = {}, 0, time.monotonic()


def _why_lost(content: Content, problem: Exception) -> str:
    name = Path(content.path).name
    if isinstance(problem, WorkerLost):
        return f"{name}: {problem.words}." if problem.cause == "died" else f"{name} {problem.words}."
    return f"{name}: {type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
