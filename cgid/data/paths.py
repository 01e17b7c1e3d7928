"""Turn the paths people write into manifests (relative, Windows, from another machine) into files of this machine."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path

_DRIVE_OR_SHARE = re.compile(r"^(?:[A-Za-z]:[\\/]|[A-Za-z]:(?=[^\\/])|\\\\[^\\]+\\)")
_MAX_STEPS_UP = 3


class PathResolver:
    """Resolves the `filepath` cells of one manifest against its folder; remembers what worked for the last one.

    A path with a drive letter or a network share that does not exist here is tried by its tail below the
    manifest's folder, longest tail first: `D:\\sets\\cifake\\a.jpg` finds `cifake/a.jpg` beside the manifest.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = os.path.realpath(folder)
        self._dropped = 0

    def __call__(self, cell: str) -> str:
        """Absolute path as text; the file need not exist."""
        if _DRIVE_OR_SHARE.match(cell):
            return self._foreign(cell)
        if "\\" in cell and os.sep != "\\" and not os.path.lexists(os.path.join(self.folder, cell)):
            cell = cell.replace("\\", "/")
        return os.path.abspath(os.path.join(self.folder, os.path.expanduser(cell)))

    def _foreign(self, cell: str) -> str:
        if os.name == "nt" and os.path.lexists(cell):
            return os.path.abspath(cell)
        parts = [p for p in re.split(r"[\\/]+", _DRIVE_OR_SHARE.sub("", cell, count=1)) if p not in ("", ".")]
        # A tail that climbs is not a tail.
        parts = parts[len(parts) - parts[::-1].index("..") :] if ".." in parts else parts
        # Rows of one manifest usually share the foreign prefix, so the last hit is the first guess.
        for dropped in sorted(range(len(parts)), key=lambda n: (n != self._dropped, n)):
            candidate = os.path.join(self.folder, *parts[dropped:])
            if os.path.lexists(candidate):
                self._dropped = dropped
                return candidate
        return os.path.join(self.folder, *parts)


def written(path: str, folder: str) -> str:
    """`path` (absolute) as it goes into a manifest in `folder` (real path): relative when near, posix slashes."""
    above, name = os.path.split(path)
    prefix = _written_folder(above, folder)
    return name if prefix == "." else f"{prefix.rstrip('/')}/{name}"


@functools.lru_cache(maxsize=4096)
def _written_folder(path: str, folder: str) -> str:
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:  # another drive
        return Path(path).as_posix()
    climbs = sum(1 for step in Path(relative).parts if step == "..")
    ancestors = Path(folder).parents
    if climbs and (climbs > _MAX_STEPS_UP or len(ancestors) <= climbs):
        return Path(path).as_posix()  # far away, or nothing in common but the root
    return Path(relative).as_posix()
