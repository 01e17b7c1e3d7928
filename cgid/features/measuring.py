"""One extraction under way: what is missing goes to the processes, what comes back goes to the store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from cgid.compute.map import WorkerLost, map_chunks
from cgid.features.group import FeatureGroup
from cgid.features.plan import IMAGES_PER_CHUNK, Content, Keys, chunks, missing
from cgid.features.progress import Progress
from cgid.features.store import GroupStore, Row, cache_names
from cgid.features.work import Chunk, Outcome, measure_chunk

SECONDS_PER_IMAGE = 60
COMMIT_IMAGES = 64
COMMIT_SECONDS = 3.0


class Measuring:
    """What one extraction has measured but not yet committed. groups: those that can be measured."""

    def __init__(self, groups: Mapping[str, FeatureGroup], progress: Progress, paths: Sequence[str]) -> None:
        self.groups, self.progress, self.paths = groups, progress, paths
        self.keys = Keys(groups)
        names = cache_names(groups)
        self.stores = {k: GroupStore(names[k], g.columns) for k, g in groups.items()}
        self.failed_rows: set[int] = set()
        self.pending: dict[str, dict[str, Row]] = {}
        self.pending_images, self.committed = 0, time.monotonic()

    def fail(self, rows: Sequence[int], reason: str) -> None:
        self.failed_rows.update(rows)
        self.progress.fail([self.paths[r] for r in rows], reason)

    def measure_all(self, contents: Sequence[Content], executor: str, workers: int) -> None:
        lacks = missing(contents, self.stores, self.keys)
        self.progress.begin(sum(len(c.rows) for c in contents if c.name not in lacks))
        todo = {c.name: c for c in contents if c.name in lacks}
        lost = self._pass(list(todo.values()), lacks, executor, workers, alone=False)
        # Which image ended its process shows when each has a process to itself; the others of its chunk go on.
        self._pass([todo[name] for name in lost], lacks, executor, workers, alone=True)

    def _pass(
        self, contents: list[Content], lacks: Mapping[str, tuple[str, ...]], executor: str, workers: int, *, alone: bool
    ) -> list[str]:
        """Measure contents; returns the names of those whose chunk was lost (`alone`: they have failed instead)."""
        if not contents:
            return []
        by_name = {c.name: c for c in contents}
        in_flight: list[tuple[str, ...]] = []
        lost: list[str] = []

        def work() -> Iterator[Chunk]:
            images = 1 if alone else IMAGES_PER_CHUNK
            for chunk in chunks(contents, lacks, self.groups, self.stores, self.keys, SECONDS_PER_IMAGE, images):
                in_flight.append(tuple(item.name for item in chunk.items))
                yield chunk

        with closing(map_chunks(measure_chunk, work(), executor=executor, workers=workers)) as results:
            for index, result in results:
                if not isinstance(result, Exception):
                    for name, outcome in result:
                        self._take(by_name[name], outcome)
                elif alone:
                    content = by_name[in_flight[index][0]]
                    self.fail(content.rows, _why_lost(content, result))
                else:
                    lost += in_flight[index]
                self._commit()
        self._commit(everything=True)
        return lost

    def _take(self, content: Content, outcome: Outcome) -> None:
        if isinstance(outcome, str):
            self.fail(content.rows, outcome)
            return
        for group, row in outcome.items():
            self.pending.setdefault(group, {})[self.keys.of(group, content.name)] = row
        self.pending_images += 1
        self.progress.advance(len(content.rows))

    def _commit(self, everything: bool = False) -> None:
        due = self.pending_images >= COMMIT_IMAGES or time.monotonic() - self.committed >= COMMIT_SECONDS
        if not (due or everything):
            return
        for group, rows in self.pending.items():
            self.stores[group].add(rows)
        self.pending, self.pending_images, self.committed = {}, 0, time.monotonic()


def _why_lost(content: Content, problem: Exception) -> str:
    name = Path(content.path).name
    if isinstance(problem, WorkerLost):
        if problem.exit_codes == "EXIT(1)":
            return f"{name} took longer than {SECONDS_PER_IMAGE} s."
        return (
            f"The worker process died while reading {name}{f' ({problem.exit_codes})' if problem.exit_codes else ''}."
        )
    return f"{name}: {type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
