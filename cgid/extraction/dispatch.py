"""Dispatch of an extraction: choose local processes or a Dask cluster, send missing work, commit results to the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cgid.compute.limits import Limits, SharedFiles, WorkerLost, is_local
from cgid.compute.map import map_chunks
from cgid.errors import InputError
from cgid.extraction.plan import IMAGES_PER_CHUNK, Content, Keys, missing_groups, task_chunks
from cgid.extraction.progress_file import ProgressFile
from cgid.extraction.value_store import GroupStore, cache_names
from cgid.extraction.worker import ChunkResult, ExtractChunk, ExtractTask, GroupValues
from cgid.features.group import FeatureGroup

if TYPE_CHECKING:
    from cgid.extraction.plan import Content

SECONDS_PER_IMAGE = 60
SAMPLE_IMAGES = 8  # images whose visibility to the workers of a cluster is tested


@dataclass(frozen=True, slots=True)
class ExecutionTarget:
    """Where an extraction runs. workers: processes, on a cluster all it has. send_images: send the bytes of the images with
    the chunks. files: of the Model A run, for workers of a cluster that cannot see its folder."""

    executor: str
    workers: int
    megabytes: float
    send_images: bool = False
    files: SharedFiles | None = None

    @property
    def is_local(self) -> bool:
        return is_local(self.executor)

    def map_chunks(
        self, function: Callable[[Any], Any], chunks: Iterable[Any]
    ) -> Generator[tuple[int, Any], None, None]:
        return map_chunks(
            function,
            chunks,
            executor=self.executor,
            workers=self.workers,
            limits=Limits(SECONDS_PER_IMAGE, self.megabytes),
            files=self.files,
        )


def choose_target(
    executor: str, workers: int, megabytes: float, contents: Sequence[Content], model_a: SharedFiles | None, send: bool
) -> ExecutionTarget:
    """The target of that name; a cluster is queried. send: send image bytes in any case. model_a: files of that run.

    Raises InputError where the cluster cannot be reached, has no workers, or workers without this version of cgid.
    """
    if is_local(executor):
        return ExecutionTarget(executor, workers, megabytes)
    from cgid.compute.cluster import survey

    step = max(1, len(contents) // SAMPLE_IMAGES)
    cluster = survey(executor, {content.path: content.bytes for content in contents[::step]})
    return ExecutionTarget(executor, cluster.threads, megabytes, send or not cluster.seen, model_a)


COMMIT_IMAGES = 2048
COMMIT_SECONDS = 3.0


class ExtractionRun:
    """State of one extraction: stores, pending values and progress. groups: those that can be extracted."""

    def __init__(self, groups: Mapping[str, FeatureGroup], progress: ProgressFile, paths: Sequence[str]) -> None:
        self.groups, self.progress, self.paths = groups, progress, paths
        self.keys = Keys(groups)
        names = cache_names(groups)
        self.stores = {k: GroupStore(names[k], g.columns) for k, g in groups.items()}
        self.failed_rows: set[int] = set()
        self.pending: dict[str, list[GroupValues]] = {}
        self.pending_images, self.committed = 0, time.monotonic()

    def fail(self, rows: Sequence[int], reason: str) -> None:
        self.failed_rows.update(rows)
        self.progress.fail([self.paths[r] for r in rows], reason)

    def extract_all(self, contents: Sequence[Content], target: ExecutionTarget) -> None:
        lacks = missing_groups(contents, self.stores, self.keys)
        self.progress.begin(sum(len(c.rows) for c in contents if c.name not in lacks))
        todo = {c.name: c for c in contents if c.name in lacks}
        lost = self._pass(list(todo.values()), lacks, target, alone=False)
        # Each image of a lost chunk gets its own process, to identify the one that ended it; the others succeed. The
        # client has read every file, so files that a worker could not see are sent.
        self._pass([todo[name] for name in lost], lacks, replace(target, send_images=not target.is_local), alone=True)

    def _pass(
        self, contents: list[Content], lacks: Mapping[str, tuple[str, ...]], target: ExecutionTarget, *, alone: bool
    ) -> list[str]:
        """Extract contents; returns the names of those that were not visible or whose chunk was lost.

        alone: one image per chunk; lost images have then failed.
        """
        if not contents:
            return []
        by_name = {c.name: c for c in contents}
        in_flight: list[tuple[str, ...]] = []
        lost: list[str] = []

        def work() -> Iterator[tuple[ExtractTask, ...]]:
            images = 1 if alone else IMAGES_PER_CHUNK
            for chunk in task_chunks(
                contents, lacks, self.groups, self.stores, self.keys, target.workers, images, target.send_images
            ):
                in_flight.append(tuple(item.name for item in chunk))
                yield chunk

        with closing(target.map_chunks(ExtractChunk(self.groups), work())) as results:
            for index, result in results:
                if isinstance(result, InputError):
                    raise result  # not caused by an image: a worker has another version
                if not isinstance(result, Exception):
                    self._take(result, by_name)
                    if alone:
                        self._take(ChunkResult(result.unseen, {}, {}), by_name)
                    else:
                        lost += result.unseen
                elif alone:
                    content = by_name[in_flight[index][0]]
                    self.fail(content.rows, _failure_reason(content, result))
                else:
                    lost += in_flight[index]
                self._commit()
        self._commit(everything=True)
        return lost

    def _take(self, chunk: ChunkResult, by_name: Mapping[str, Content]) -> None:
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


def _failure_reason(content: Content, problem: Exception) -> str:
    name = Path(content.path).name
    if isinstance(problem, WorkerLost):
        return f"{name}: {problem.message}." if problem.cause == "died" else f"{name} {problem.message}."
    return f"{name}: {type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
