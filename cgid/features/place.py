"""Where an extraction runs: processes here or a Dask cluster, what one image may take, and what must be sent there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cgid.compute.limits import Limits, SharedFiles, is_local
from cgid.compute.map import map_chunks

if TYPE_CHECKING:
    from cgid.features.plan import Content

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
