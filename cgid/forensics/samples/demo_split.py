"""A picture of the embedded demo that no model learned from: the first of a class in its test split."""

from __future__ import annotations

import csv
from pathlib import Path

from cgid.artifacts import DEMO_PREFIX
from cgid.settings import settings


def first_of(label: str) -> bytes | None:
    """label: `real` or `ai`. The file's bytes; None where there is no demo here."""
    manifest = next(iter(sorted(settings().manifests.glob(f"{DEMO_PREFIX}matched*/test.csv"))), None)
    if manifest is None:
        return None
    with manifest.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = Path(row["filepath"])
            path = path if path.is_absolute() else manifest.parent / path
            if row["label"] == label and path.is_file():
                return path.read_bytes()
    return None
