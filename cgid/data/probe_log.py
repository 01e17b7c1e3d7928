"""Remember what was read of each file while cleaning runs, so that a killed job reads nothing twice."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from cgid.data.probe import Probe


class ProbeLog:
    """Lines of JSON beside the output, appended chunk by chunk, removed when the manifest is written.

    A file counts as the same while path, size and time of change are; a line torn by a kill is passed over.
    """

    def __init__(self, output: Path) -> None:
        self.file = output.parent / f".{output.name}.probes"
        self.known: dict[str, tuple[list[int], Probe]] = {}
        if self.file.is_file():
            for line in self.file.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            path, stamp, values = json.loads(line)
            self.known[path] = (stamp, Probe(**values))
        except (ValueError, TypeError):
            return  # the torn end of a killed run: that file is read again

    def get(self, path: str) -> Probe | None:
        """What an earlier run read, or None where nothing is known or the file has changed."""
        found = self.known.get(path)
        return found[1] if found and found[0] == _stamp(path) else None

    def add(self, paths: list[str], probes: list[Probe]) -> None:
        """Append what was read; failures are not kept, they may be of the moment."""
        lines = [
            json.dumps([path, _stamp(path), dataclasses.asdict(probe)])
            for path, probe in zip(paths, probes, strict=True)
            if not probe.reason
        ]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("".join(f"\n{line}" for line in lines))

    def remove(self) -> None:
        self.file.unlink(missing_ok=True)


def _stamp(path: str) -> list[int]:
    try:
        about = os.stat(path)
    except OSError:
        return []
    return [about.st_size, about.st_mtime_ns]
