"""Work of one process: open each image of a chunk once and extract its missing groups; images fail individually."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cgid.compute.worker import item_begins
from cgid.errors import InputError
from cgid.features.group import FeatureGroup, extract
from cgid.features.registry import all_groups
from cgid.imaging.image_file import ImageFile, UnreadableImage


@dataclass(frozen=True, slots=True)
class ExtractTask:
    """One content to extract. name: its key in the run. groups: keys to extract. earlier: values that these depend on.

    data: the file's bytes, where the worker cannot see the file; `path` is then its name.
    """

    name: str
    sha256: str
    path: str
    groups: tuple[str, ...]
    earlier: Mapping[str, float] = field(default_factory=dict)
    data: bytes | None = None


class GroupValues(NamedTuple):
    """One group's values of several images. numbers: float64 (images, columns). problems: reason of failure per image, or ""."""

    names: list[str]
    numbers: np.ndarray
    problems: list[str]


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """Result of a chunk. unreadable: {task name: reason}. unseen: the same for files that this process cannot access.
    values: {group key: values of the other tasks}."""

    unreadable: dict[str, str]
    unseen: dict[str, str]
    values: dict[str, GroupValues]


class ExtractChunk:
    """Extracts chunks with `groups`, in their order. When pickled, groups of the registry are replaced by their versions."""

    def __init__(self, groups: Mapping[str, FeatureGroup]) -> None:
        self.groups = dict(groups)
        self.columns = {key: group.columns for key, group in self.groups.items()}

    def __call__(self, chunk: tuple[ExtractTask, ...]) -> ChunkResult:
        """The result of one chunk. An image over its time or memory limit ends this process (`map_chunks`)."""
        unreadable: dict[str, str] = {}
        unseen: dict[str, str] = {}
        rows: dict[str, tuple[list[str], list[list[float]], list[str]]] = {}
        for item in chunk:
            item_begins()
            lacking = {k: g for k, g in self.groups.items() if k in item.groups}
            try:
                image = self._open(item)
            except UnreadableImage as problem:
                (unseen if isinstance(problem.__cause__, OSError) else unreadable)[item.name] = str(problem)
                continue
            values, problems = extract(image, lacking, item.earlier)
            for key in lacking:
                names, numbers, reasons = rows.setdefault(key, ([], [], []))
                names.append(item.name)
                numbers.append([values[c] for c in self.columns[key]])
                reasons.append(problems.get(key, ""))
        return ChunkResult(unreadable, unseen, {k: GroupValues(n, np.array(v), p) for k, (n, v, p) in rows.items()})

    @staticmethod
    def _open(item: ExtractTask) -> ImageFile:
        image = ImageFile.open(item.path) if item.data is None else ImageFile.from_bytes(item.data, item.path)
        if image.sha256 != item.sha256:
            raise UnreadableImage(f"{image.name} changed while it was being read; run the extraction again.")
        return image

    def __reduce__(self) -> tuple[Any, ...]:
        known = all_groups()
        return _restore_chunk, ({k: g.version if known.get(k) is g else g for k, g in self.groups.items()},)


def _restore_chunk(groups: Mapping[str, FeatureGroup | int]) -> ExtractChunk:
    """Unpickle. groups: the group itself, or the version of the registry's group of that name."""
    known = all_groups()
    for key, group in groups.items():
        if isinstance(group, int) and (key not in known or known[key].version != group):
            here = f"version {known[key].version}" if key in known else "no such group"
            raise InputError(
                f"A worker has {here} where version {group} of feature group {key} is needed; "
                "install the same cgid on every machine."
            )
    return ExtractChunk({k: known[k] if isinstance(g, int) else g for k, g in groups.items()})
