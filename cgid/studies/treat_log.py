"""Remember which images of a treatment are written, so that a killed job writes none of them twice."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from cgid.studies.treat_image import Made

IMAGES = "images"


class TreatLog:
    """Lines of JSON in the output folder, the first one naming the work; a line torn by a kill is passed over.

    Where the folder holds another treatment's images, those that it lists are removed, and nothing else.
    """

    def __init__(self, folder: Path, work: str) -> None:
        self.folder, self.file = folder, folder / ".treated.jsonl"
        lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines() if self.file.is_file() else []
        known = dict(filter(None, map(_entry, lines[1:])))
        if lines and lines[0] == json.dumps(work):
            self.known = {output: made for output, made in known.items() if (folder / output).is_file()}
            return
        images = (folder / IMAGES).resolve()
        for output in known:
            if (path := (folder / output).resolve()).is_relative_to(images):
                path.unlink(missing_ok=True)
        self.known = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(work), encoding="utf-8")

    def add(self, made: Mapping[str, Made]) -> None:
        """Append what was written; failures are not kept, they may be of the moment."""
        good = {output: one for output, one in made.items() if not one.problem}
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("".join(f"\n{json.dumps([o, dataclasses.asdict(one)])}" for o, one in good.items()))
        self.known |= good


def _entry(line: str) -> tuple[str, Made] | None:
    try:
        output, values = json.loads(line)
        return str(output), Made(**values)
    except (ValueError, TypeError):
        return None  # the torn end of a killed run: that image is written again
