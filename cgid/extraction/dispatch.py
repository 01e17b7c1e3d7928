"""One extraction under way: what is missing goes to the processes, what comes back goes to the store.

Where an extraction runs: processes here or a Dask cluster, what one image may take, and what must be sent there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.compute.limits import Limits, SharedFiles, WorkerLost, is_local
from cgid.compute.map import map_chunks
from cgid.errors import InputError
from cgid.extraction.plan import IMAGES_PER_CHUNK, Content, Keys, chunks, missing
from cgid.extraction.progress_file import Progress
from cgid.extraction.value_store import GroupStore, cache_names
from cgid.extraction.worker import Item, MeasureChunk, Measured, Values
from cgid.features.group import FeatureGroup

if TYPE_CHECKING:
    from cgid.extraction.plan import Content

SECONDS_PER_IMAGE = 60
SAMPLE = 8  # images a cluster's workers are asked about


@dataclass(frozen=True, slots=True)
class Place:
    """workers: processes, on a cluster those it has. send_images: their bytes go with the chunks. files: those of the
    Model A run, for the workers of a cluster, which need not see its folder."""

    executor: str
    workers: int
    megabytes: float
    send_images: bool = False
    files: SharedFiles | None = None

    @property
    def is_local(self) -> bool:
        return is_local(self.executor)

    def map_chunks(self, function: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        return map_chunks(
            function,
            chunks,
            executor=self.executor,
            workers=self.workers,
            limits=Limits(SECONDS_PER_IMAGE, self.megabytes),
            files=self.files,
        )


def find_place(
    executor: str, workers: int, megabytes: float, contents: Sequence[Content], model_a: SharedFiles | None, send: bool
) -> Place:
    """Ask a cluster what it has and sees. send: send what the images hold in any case. model_a: files of that run.

    Raises InputError where the cluster cannot be reached, has no workers, or workers without this version of cgid.
    """
    if is_local(executor):
        return Place(executor, workers, megabytes)
    from cgid.compute.cluster import survey

    every = max(1, len(contents) // SAMPLE)
    found = survey(executor, {content.path: content.bytes for content in contents[::every]})
    return Place(executor, found.threads, megabytes, send or not found.seen, model_a)


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
