"""What a worker process does with a chunk of images: open each once, measure what is missing, fail one at a time."""

from __future__ import annotations

import faulthandler
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TextIO

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
    """(item's name, outcome) of each. An image over its time ends this process: only the clock of the system can."""
    groups = _groups(chunk.groups)
    outcomes: list[tuple[str, Outcome]] = []
    for item in chunk.items:
        with _time_limit(chunk.seconds):
            outcomes.append((item.name, _measure_item(item, {k: g for k, g in groups.items() if k in item.groups})))
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


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """End the process when the block takes longer, even where foreign code holds the interpreter's lock."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=_quiet())
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@lru_cache(maxsize=1)
def _quiet() -> TextIO:
    """The image's name and the reason go to failures.csv; a trace of every thread helps nobody there."""
    return open(os.devnull, "w")
