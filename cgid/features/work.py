"""What a worker process does with a chunk of images: open each once, measure what is missing, fail one at a time."""

from __future__ import annotations

import faulthandler
import math
import os
import pickle
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from cgid.features.group import FeatureGroup
from cgid.features.image import ImageFile, UnreadableImage
from cgid.features.measure import measure
from cgid.features.store import Row


@dataclass(frozen=True, slots=True)
class Item:
    """One content to measure. name: its key in the run. groups: keys to measure. earlier: values those read."""

    name: str
    sha256: str
    path: str
    groups: tuple[str, ...]
    earlier: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """groups: the pickled {key: FeatureGroup} of the run, unpickled once per worker. seconds: for one image."""

    items: tuple[Item, ...]
    groups: bytes
    seconds: float


Outcome = dict[str, Row] | str  # {group key: row}, or why the image could not be read


def measure_chunk(chunk: Chunk) -> list[tuple[str, Outcome]]:
    """(item's name, outcome) of each. An image over its time ends this process."""
    groups, clock = _groups(chunk.groups), _clock()
    outcomes: list[tuple[str, Outcome]] = []
    with clock.chunk(chunk.seconds * len(chunk.items)):
        for item in chunk.items:
            with clock.image(chunk.seconds):
                lacking = {k: g for k, g in groups.items() if k in item.groups}
                outcomes.append((item.name, _measure_item(item, lacking)))
    return outcomes


def _measure_item(item: Item, groups: dict[str, FeatureGroup]) -> Outcome:
    try:
        image = ImageFile.open(item.path)
    except UnreadableImage as problem:
        return str(problem)
    if image.sha256 != item.sha256:
        return f"{image.name} changed while it was being read; run the extraction again."
    values, problems = measure(image, groups, item.earlier)
    return {k: ({c: values[c] for c in g.columns}, problems.get(k, "")) for k, g in groups.items()}


@lru_cache(maxsize=2)
def _groups(pickled: bytes) -> dict[str, FeatureGroup]:
    return pickle.loads(pickled)


class _Clock:
    """Ends the process when one image takes too long.

    A thread looks twice a second. The system's own timer, set once a chunk, stands behind it for foreign code that
    holds the interpreter's lock, which that thread would wait for.
    """

    def __init__(self) -> None:
        self.deadline = math.inf
        self.silence = os.open(os.devnull, os.O_WRONLY)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while time.monotonic() < self.deadline:
            time.sleep(0.5)
        os._exit(1)

    @contextmanager
    def chunk(self, seconds: float) -> Iterator[None]:
        """seconds: for all images of the chunk."""
        faulthandler.dump_traceback_later(seconds + 1, exit=True, file=self.silence)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    @contextmanager
    def image(self, seconds: float) -> Iterator[None]:
        self.deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self.deadline = math.inf


@lru_cache(maxsize=1)
def _clock() -> _Clock:
    """One for each process, made where work begins."""
    return _Clock()
