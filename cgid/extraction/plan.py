"""Which contents a manifest names, and which groups each of them still lacks: what the store holds is never redone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cgid.extraction.value_store import GroupStore
from cgid.extraction.worker import Item
from cgid.features.group import FeatureGroup
from cgid.files import sha256_of
from cgid.imaging.limits import MAX_BYTES
from cgid.progress import Report

IMAGES_PER_CHUNK = 32  # at most; near the end fewer, so that all workers end together
BYTES_PER_CHUNK = 8 * 1024 * 1024  # large files make small chunks, so that progress moves and a kill costs little
PATHS_AT_ONCE = 50  # looked at by a thread at a time
SHA256_LENGTH = 64  # hex digits
ITEMS_AT_ONCE = 2048  # whose earlier values are held in memory


@dataclass(frozen=True, slots=True)
class Content:
    """One content under one extension: `name` is `<sha256>.<extension>`; rows of the manifest that hold it."""

    name: str
    path: str
    bytes: int
    rows: tuple[int, ...]

    @property
    def sha256(self) -> str:
        return self.name[:SHA256_LENGTH]


def identify(paths: Sequence[str], workers: int, report: Report) -> tuple[list[Content], dict[int, str]]:
    """(contents in order of first appearance, {row: why the file cannot be read}). Reads every file once."""
    found: dict[str, tuple[str, int, list[int]]] = {}
    failed: dict[int, str] = {}
    starts = range(0, len(paths), PATHS_AT_ONCE)
    with ThreadPoolExecutor(workers) as threads:
        looks = threads.map(lambda start: [_look(p) for p in paths[start : start + PATHS_AT_ONCE]], starts)
        for start, outcomes in zip(starts, looks):
            report(0, len(paths), f"reading files, {start} of {len(paths)}")
            for row, outcome in enumerate(outcomes, start):
                if isinstance(outcome, str):
                    failed[row] = outcome
                    continue
                name, size = outcome
                found.setdefault(name, (paths[row], size, []))[2].append(row)
    return [Content(name, path, size, tuple(rows)) for name, (path, size, rows) in found.items()], failed


def _look(path: str) -> tuple[str, int] | str:
    name = os.path.basename(path)
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            return f"{name} is no file."
        if about.st_size > MAX_BYTES:
            return f"{name} has {about.st_size:,} bytes; at most {MAX_BYTES:,} are read."
        return f"{sha256_of(path)}.{os.path.splitext(name)[1].lower().lstrip('.')}", about.st_size
    except (FileNotFoundError, NotADirectoryError):
        return f"{name} does not exist."
    except (OSError, ValueError) as problem:  # ValueError: a zero byte in the name
        return f"{name} cannot be read: {getattr(problem, 'strerror', None) or problem}."


class Keys:
    """Under which key a group's values of a content are stored: its sha256, or its name where the name is read too."""

    def __init__(self, groups: Mapping[str, FeatureGroup]) -> None:
        self.named: set[str] = set()
        for key, group in groups.items():
            if group.reads_name or self.named.intersection(group.after):
                self.named.add(key)

    def of(self, group: str, name: str) -> str:
        return name if group in self.named else name[:SHA256_LENGTH]


def missing(contents: Sequence[Content], stores: Mapping[str, GroupStore], keys: Keys) -> dict[str, tuple[str, ...]]:
    """{content's name: keys of the groups not in the store}, contents that lack none left out."""
    lacks: dict[str, list[str]] = {content.name: [] for content in contents}
    for group, store in stores.items():
        key_of = {content.name: keys.of(group, content.name) for content in contents}
        known = store.known(set(key_of.values()))
        for name, key in key_of.items():
            if key not in known:
                lacks[name].append(group)
    # Most lack the same groups: one tuple for all of them.
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    return {name: same.setdefault(tuple(groups), tuple(groups)) for name, groups in lacks.items() if groups}


def chunks(
    contents: Sequence[Content],
    lacks: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, FeatureGroup],
    stores: Mapping[str, GroupStore],
    keys: Keys,
    workers: int,
    images: int = IMAGES_PER_CHUNK,
    send: bool = False,
) -> Iterator[tuple[Item, ...]]:
    """Work for the processes, made while they work; what groups read of others comes from the store.

    images: most of a chunk. send: put the bytes of the files in.
    """
    for start in range(0, len(contents), ITEMS_AT_ONCE):
        part = contents[start : start + ITEMS_AT_ONCE]
        earlier = _earlier(part, lacks, groups, stores, keys)
        items: list[Item] = []
        size = 0
        for place, content in enumerate(part, start):
            most = max(1, min(images, (len(contents) - place) // (2 * workers)))
            if items and (len(items) >= most or size + content.bytes > BYTES_PER_CHUNK):
                yield tuple(items)
                items, size = [], 0
            data = _bytes(content.path) if send else None
            path = Path(content.path).name if data is not None else content.path
            known = earlier.get(content.name, {})
            items.append(Item(content.name, content.sha256, path, lacks[content.name], known, data))
            size += content.bytes
        if items:
            yield tuple(items)


def _bytes(path: str) -> bytes | None:
    """None where the file has gone since it was looked at: the worker will not find it either, and say so."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def _earlier(
    contents: Sequence[Content],
    lacks: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, FeatureGroup],
    stores: Mapping[str, GroupStore],
    keys: Keys,
) -> dict[str, dict[str, float]]:
    """{content's name: {column: value}} of groups that are stored already but read by one that is lacking."""
    readers: dict[str, list[str]] = {}
    for content in contents:
        lacking = lacks[content.name]
        for other in {o for key in lacking for o in groups[key].after} - set(lacking):
            readers.setdefault(other, []).append(content.name)
    values: dict[str, dict[str, float]] = {}
    for other, names in readers.items():
        stored = stores[other].read({keys.of(other, name) for name in names})
        for name in names:
            values.setdefault(name, {}).update(stored[keys.of(other, name)][0])
    return values
