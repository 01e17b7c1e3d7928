"""Which pictures belong to the embedded demo: about any other, models of simulated data have nothing to say."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from cgid.settings import settings


def demo_images() -> frozenset[str]:
    """sha256 of every image of the demo sets of this home; read anew when a manifest changes."""
    found: set[str] = set()
    for path in settings().manifests.glob("demo_*/split.csv"):
        stat = path.stat()
        found |= _listed(path, stat.st_mtime_ns, stat.st_size)
    return frozenset(found)


@lru_cache(maxsize=16)
def _listed(path: Path, _changed: int, _size: int) -> frozenset[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return frozenset(row.get("sha256") or "" for row in csv.DictReader(file)) - {""}
