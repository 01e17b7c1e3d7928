"""Paths of manifests (relative, Windows, from another machine) as files of this machine, and a fingerprint of the images.

The fingerprint detects changed images, which the bytes of the manifest do not show, by sizes and modification times.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

_DRIVE_OR_SHARE = re.compile(r"^(?:[A-Za-z]:[\\/]|[A-Za-z]:(?=[^\\/])|\\\\[^\\]+\\)")
_MAX_STEPS_UP = 3


class PathResolver:
    r"""Resolves the `filepath` cells of one manifest against its folder; remembers what worked for the last one.

    A path with a drive letter or a network share that does not exist here is tried by its tail below the
    manifest's folder, longest tail first: `D:\sets\cifake\a.jpg` finds `cifake/a.jpg` next to the manifest.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = os.path.realpath(folder)
        self._dropped = 0

    def __call__(self, cell: str) -> str:
        """Absolute path as text; the file need not exist."""
        if _DRIVE_OR_SHARE.match(cell):
            return self._from_other_machine(cell)
        if "\\" in cell and os.sep != "\\" and not os.path.lexists(os.path.join(self.folder, cell)):
            cell = cell.replace("\\", "/")
        return os.path.abspath(os.path.join(self.folder, os.path.expanduser(cell)))

    def _from_other_machine(self, cell: str) -> str:
        if os.name == "nt" and os.path.lexists(cell):
            return os.path.abspath(cell)
        parts = [p for p in re.split(r"[\\/]+", _DRIVE_OR_SHARE.sub("", cell, count=1)) if p not in ("", ".")]
        # The tail must not contain `..`.
        parts = parts[len(parts) - parts[::-1].index("..") :] if ".." in parts else parts
        # Rows of one manifest usually share the prefix of the other machine, so the last match is tried first.
        for dropped in sorted(range(len(parts)), key=lambda n: (n != self._dropped, n)):
            candidate = os.path.join(self.folder, *parts[dropped:])
            if os.path.lexists(candidate):
                self._dropped = dropped
                return candidate
        return os.path.join(self.folder, *parts)


def relative_path(path: str, folder: str) -> str:
    """`path` (absolute) as written to a manifest in `folder` (real path): relative when near, posix slashes."""
    above, name = os.path.split(path)
    prefix = _relative_folder(above, folder)
    return name if prefix == "." else f"{prefix.rstrip('/')}/{name}"


@functools.lru_cache(maxsize=4096)
def _relative_folder(path: str, folder: str) -> str:
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:  # another drive
        return Path(path).as_posix()
    climbs = sum(1 for step in Path(relative).parts if step == "..")
    ancestors = Path(folder).parents
    if climbs and (climbs > _MAX_STEPS_UP or len(ancestors) <= climbs):
        return Path(path).as_posix()  # far away, or nothing in common but the root
    return Path(relative).as_posix()


def images_fingerprint(manifests: Iterable[Path]) -> str:
    """sha256 over (path, size, modification time) of every listed image; about a second for 100,000 images.

    Validates nothing: missing or invalid manifests have a fingerprint too; the step itself reports errors.
    """
    digest = hashlib.sha256()
    for manifest in manifests:
        resolve = PathResolver(manifest.parent)
        for cell in _cells(manifest):
            try:
                about = os.stat(resolve(cell))
                digest.update(f"{cell}\0{about.st_size}\0{about.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
            except (OSError, ValueError):
                digest.update(f"{cell}\0missing\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _cells(manifest: Path) -> list[str]:
    """The column `filepath`, as far as the file can be read as a table."""
    try:
        with open(manifest, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            return [row.get("filepath") or "" for row in csv.DictReader(file)]
    except (OSError, csv.Error):
        return []
