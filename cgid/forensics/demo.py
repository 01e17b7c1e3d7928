"""Which pictures belong to the embedded demo: about any other, models of simulated data have nothing to say."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from cgid.artifacts import DATASET_SUMMARY, SPLIT_MANIFEST, is_simulated
from cgid.settings import settings


def demo_images() -> frozenset[str]:
    """sha256 of every image of the demo sets of this home; read anew when a manifest changes."""
    found: set[str] = set()
    for path in settings().manifests.glob(f"*/{SPLIT_MANIFEST}"):
        if _simulated(*_version(path.parent / DATASET_SUMMARY)):
            found |= _listed(*_version(path))
    return frozenset(found)


def _version(path: Path) -> tuple[Path, int, int]:
    """(path, when it changed, its size): what a cached reading of it holds for; zeros where it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return path, 0, 0
    return path, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=64)
def _simulated(summary: Path, _changed: int, _size: int) -> bool:
    return is_simulated(summary)


@lru_cache(maxsize=16)
def _listed(path: Path, _changed: int, _size: int) -> frozenset[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return frozenset(row.get("sha256") or "" for row in csv.DictReader(file)) - {""}
