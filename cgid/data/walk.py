"""List the files below a folder without ever hanging: linked folders are counted, not followed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cgid.fileformat.sniff import IMAGE_EXTENSIONS

VIDEO_EXTENSIONS = frozenset((".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v"))


@dataclass(slots=True)
class Walk:
    """What was seen on the way, apart from the images themselves."""

    ignored: Counter = field(default_factory=Counter)
    videos: int = 0

    def images(self, root: Path) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield (folders between root and file, file name) of every file with an image's extension, in a fixed order.

        Folders that are links are not entered: a link may lead back, or out to the whole disk. Files that are links
        are listed where they lead to a file. Hidden files and folders are passed over.
        """
        open_folders: list[tuple[str, tuple[str, ...]]] = [(os.fspath(root), ())]
        while open_folders:
            folder, steps = open_folders.pop()
            try:
                with os.scandir(folder) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                self.ignored["folders that cannot be opened"] += 1
                continue
            below = []
            for entry in listed:
                if entry.name.startswith(".") or entry.name == "__MACOSX":
                    continue
                elif not _is_text(entry.name):
                    self.ignored["names that are not UTF-8"] += 1
                elif entry.is_dir(follow_symlinks=False):
                    below.append((entry.path, (*steps, entry.name)))
                elif self._is_image(entry):
                    yield steps, entry.name
            open_folders.extend(reversed(below))

    def _is_image(self, entry: os.DirEntry) -> bool:
        extension = os.path.splitext(entry.name)[1].lower()
        try:
            if entry.is_symlink() and entry.is_dir():
                self.ignored["links to folders"] += 1
                return False
            if not entry.is_file():
                self.ignored["broken links and special files"] += 1
                return False
        except OSError:
            self.ignored["broken links and special files"] += 1
            return False
        if extension in VIDEO_EXTENSIONS:
            self.videos += 1
        if extension not in IMAGE_EXTENSIONS:
            self.ignored[f"files ending in {extension}" if extension else "files without an extension"] += 1
            return False
        return True


def _is_text(name: str) -> bool:
    """Whether a manifest can hold this name."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
