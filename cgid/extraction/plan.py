"""Plan of an extraction: the contents of a manifest, and the groups that each still lacks in the store."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cgid.extraction.value_store import GroupStore
from cgid.extraction.worker import ExtractTask
from cgid.features.group import FeatureGroup
from cgid.files import sha256_of
from cgid.imaging.limits import MAX_BYTES
from cgid.progress import Progress

IMAGES_PER_CHUNK = 32  # at most; fewer near the end, so that all workers finish together
BYTES_PER_CHUNK = (
    8 * 1024 * 1024
)  # large files give small chunks, so that progress is regular and an interruption costs little
PATHS_PER_TASK = 50  # per task of a reading thread
SHA256_LENGTH = 64  # hex digits
CONTENTS_PER_BATCH = 2048  # whose dependencies are held in memory


@dataclass(frozen=True, slots=True)
class Content:
    """One content with one extension: `name` is `<sha256>.<extension>`; rows: of the manifest with this content."""

    name: str
    path: str
    bytes: int
    rows: tuple[int, ...]

    @property
    def sha256(self) -> str:
        return self.name[:SHA256_LENGTH]


def identify(paths: Sequence[str], workers: int, progress: Progress) -> tuple[list[Content], dict[int, str]]:
    """(contents in order of first appearance, {row: why the file cannot be read}). Reads every file once."""
    by_name: dict[str, tuple[str, int, list[int]]] = {}
    failed: dict[int, str] = {}
    starts = range(0, len(paths), PATHS_PER_TASK)
    with ThreadPoolExecutor(workers) as threads:
        batches = threads.map(lambda start: [_identify_file(p) for p in paths[start : start + PATHS_PER_TASK]], starts)
        for start, outcomes in zip(starts, batches):
            progress(0, len(paths), f"reading files, {start} of {len(paths)}")
            for row, outcome in enumerate(outcomes, start):
                if isinstance(outcome, str):
                    failed[row] = outcome
                    continue
                name, size = outcome
                by_name.setdefault(name, (paths[row], size, []))[2].append(row)
    return [Content(name, path, size, tuple(rows)) for name, (path, size, rows) in by_name.items()], failed


def _identify_file(path: str) -> tuple[str, int] | str:
    name = os.path.basename(path)
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            return f"{name} is not a file."
        if about.st_size > MAX_BYTES:
            return f"{name} has {about.st_size:,} bytes; at most {MAX_BYTES:,} are read."
        return f"{sha256_of(path)}.{os.path.splitext(name)[1].lower().lstrip('.')}", about.st_size
    except (FileNotFoundError, NotADirectoryError):
        return f"{name} does not exist."
    except (OSError, ValueError) as problem:  # ValueError: a NUL byte in the name
        return f"{name} cannot be read: {getattr(problem, 'strerror', None) or problem}."


class Keys:
    """Key under which a group's values of a content are stored: the sha256, or the name where the group reads the name."""

    def __init__(self, groups: Mapping[str, FeatureGroup]) -> None:
        self.named: set[str] = set()
        for key, group in groups.items():
            if group.reads_name or self.named.intersection(group.after):
                self.named.add(key)

    def of(self, group: str, name: str) -> str:
        return name if group in self.named else name[:SHA256_LENGTH]


def missing_groups(
    contents: Sequence[Content], stores: Mapping[str, GroupStore], keys: Keys
) -> dict[str, tuple[str, ...]]:
    """{content's name: keys of the groups not in the store}, without complete contents."""
    lacks: dict[str, list[str]] = {content.name: [] for content in contents}
    for group, store in stores.items():
        key_of = {content.name: keys.of(group, content.name) for content in contents}
        known = store.known(set(key_of.values()))
        for name, key in key_of.items():
            if key not in known:
                lacks[name].append(group)
    # Most contents lack the same groups and share one tuple.
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    return {name: same.setdefault(tuple(groups), tuple(groups)) for name, groups in lacks.items() if groups}


def task_chunks(
    contents: Sequence[Content],
    lacks: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, FeatureGroup],
    stores: Mapping[str, GroupStore],
    keys: Keys,
    workers: int,
    images: int = IMAGES_PER_CHUNK,
    send: bool = False,
) -> Iterator[tuple[ExtractTask, ...]]:
    """Chunks of tasks for the worker processes, created lazily; values that groups depend on come from the store.

    images: maximum per chunk. send: include the bytes of the files.
    """
    for start in range(0, len(contents), CONTENTS_PER_BATCH):
        batch = contents[start : start + CONTENTS_PER_BATCH]
        earlier = _stored_dependencies(batch, lacks, groups, stores, keys)
        items: list[ExtractTask] = []
        size = 0
        for index, content in enumerate(batch, start):
            max_images = max(1, min(images, (len(contents) - index) // (2 * workers)))
            if items and (len(items) >= max_images or size + content.bytes > BYTES_PER_CHUNK):
                yield tuple(items)
                items, size = [], 0
            data = _bytes(content.path) if send else None
            path = Path(content.path).name if data is not None else content.path
            known = earlier.get(content.name, {})
            items.append(ExtractTask(content.name, content.sha256, path, lacks[content.name], known, data))
            size += content.bytes
        if items:
            yield tuple(items)


def _bytes(path: str) -> bytes | None:
    """The bytes of a file; None where it has disappeared: the worker then reports it."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def _stored_dependencies(
    contents: Sequence[Content],
    lacks: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, FeatureGroup],
    stores: Mapping[str, GroupStore],
    keys: Keys,
) -> dict[str, dict[str, float]]:
    """{content's name: {column: value}} of stored groups that a missing group depends on."""
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
