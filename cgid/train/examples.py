"""Manifests as training needs them: numeric labels, a group for every row, and honest words about what overlaps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgid.artifacts import all_simulated
from cgid.data.manifest import LABELS, read_manifest
from cgid.errors import InputError

PLAIN_NAMES = {"train", "val", "test", "external", "split", "manifest", "manifest.cleaned"}


def read_examples(path: Path) -> pd.DataFrame:
    """The manifest with `target` (0 real, 1 ai) and `group` (where it names none: the content, else the path)."""
    frame = read_manifest(path).reset_index(drop=True)
    frame["target"] = frame["label"].map(LABELS).astype(int)
    known = [frame[c].replace("", None) for c in ("group", "sha256", "path") if c in frame]
    group = known[0].astype(object)
    for other in known[1:]:
        group = group.where(group.notna(), other)
    frame["group"] = group.astype(str)
    for column in ("source", "generator"):
        frame[column] = frame[column].fillna("").astype(str) if column in frame else ""
    return frame


def require_classes(path: Path, target: np.ndarray, both: bool) -> None:
    """Raises InputError where no image, or images of one class only, can be used."""
    if not len(target):
        raise InputError(f"{path} has no image that can be read.")
    if both and len(set(target.tolist())) < 2:
        only = next(name for name, value in LABELS.items() if value == target[0])
        raise InputError(f"{path} has readable images of the class `{only}` only; training needs both, real and ai.")


def require_files(paths: Sequence[Path], frames: Sequence[pd.DataFrame]) -> None:
    """Raises InputError where a manifest has not one file that is there: before hours of training, not after them."""
    for path, frame in zip(paths, frames):
        if not any(Path(p).is_file() for p in frame["path"]):
            raise InputError(f"{path} has no image that can be read: not one of its {len(frame)} files is there.")


def simulated(frames: Sequence[pd.DataFrame]) -> bool:
    """Whether every image comes from the embedded demo sets."""
    return all(all_simulated(f["source"]) for f in frames)


def external_names(paths: Sequence[Path]) -> list[str]:
    """A short, unique name for each external manifest, fit for a file name: its own, or its folder's where that says more."""
    names: list[str] = []
    for path in paths:
        word = path.parent.name if path.stem in PLAIN_NAMES else path.stem
        word = re.sub(r"[^A-Za-z0-9_-]+", "_", word).strip("_") or "external"
        same = sum(1 for n in names if n == word or re.fullmatch(re.escape(word) + r"_\d+", n))
        names.append(word if not same else f"{word}_{same + 1}")
    return names


def overlaps(sha256: Mapping[str, Sequence[str]], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """One sentence for each split that shares content, or groups, with the training rows; keys: train, val, test, …"""
    words = []
    for split in (s for s in sha256 if s != "train"):
        same = len(set(sha256[split]) & set(sha256["train"]))
        related = len(set(groups[split]) & set(groups["train"]))
        if same:
            words.append(f"{same} images of {split} are also in train: the figures of {split} are too good.")
        elif related:
            words.append(f"{related} groups of {split} are also in train: the figures of {split} may be too good.")
    return words
