"""Names a piece of work by what goes into it, so that the same work is recognised and other work never is."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cgid import __version__
from cgid.files import sha256_of


def work_key(kind: str, version: int, params: dict[str, Any], inputs: Sequence[Sequence[str]]) -> str:
    """sha256 over kind, canonical parameters, (path, fingerprint) of the inputs, and the code's version."""
    words = json.dumps([kind, version, __version__, params, inputs], sort_keys=True, allow_nan=False)
    return hashlib.sha256(words.encode()).hexdigest()


def of_input(path: Path, apart_from: Iterable[Path] = ()) -> str:
    """A file's content; a folder's relative paths, sizes and times of change.

    apart_from: what the job itself writes, which must not make its input look new.
    Raises FileNotFoundError where there is nothing at `path`.
    """
    if path.is_dir():
        return "folder:" + _of_folder(path, {str(p) for p in apart_from})
    return "file:" + sha256_of(path)


def _of_folder(path: Path, skip: set[str]) -> str:
    entries: list[str] = []

    def walk(folder: str, relative: str) -> None:
        with os.scandir(folder) as found:
            for entry in found:
                name = f"{relative}{entry.name}"
                if entry.path in skip or entry.name.startswith("."):
                    continue  # hidden files are never images; among them are half-written ones
                if entry.is_dir(follow_symlinks=True) and not entry.is_symlink():
                    walk(entry.path, f"{name}/")
                    continue
                try:
                    stat = entry.stat()
                except FileNotFoundError:  # a dangling link, or gone since
                    continue
                entries.append(json.dumps([name, stat.st_size, stat.st_mtime_ns]))

    walk(str(path), "")
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()
