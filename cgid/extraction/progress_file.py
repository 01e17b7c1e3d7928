"""Progress of an extraction: training_progress.json, updated about once a second, and failures.csv."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cgid.artifacts import EXTRACTION_PROGRESS
from cgid.files import write_json, write_text
from cgid.progress import Progress

UPDATE_SECONDS = 1.0
MAX_LISTED_FAILURES = 1000  # failures in training_progress.json; failures.csv has all


class ProgressFile:
    """Counts rows of the manifest. folder: of both files. groups: keys of the groups being extracted. model_a: the run of
    the group of that name, as recorded by Model B. simulated: whether all images come from the embedded demo sets."""

    def __init__(
        self,
        folder: Path,
        total: int,
        groups: Sequence[str],
        on_progress: Progress,
        model_a: dict[str, str] | None = None,
        simulated: bool = False,
    ) -> None:
        self.folder, self.total, self.groups, self.on_progress = folder, total, list(groups), on_progress
        self.model_a, self.simulated = model_a, simulated
        self.done, self.cached, self.before = 0, 0, 0
        self.failed: list[dict[str, str]] = []
        self.started, self.clock, self.written = _now(), time.monotonic(), 0.0

    @property
    def rate(self) -> float:
        """Images per second since extraction began, without cached and unreadable ones."""
        return (self.done - self.before) / max(1e-6, time.monotonic() - self.clock)

    @property
    def seconds_left(self) -> float | None:
        left = self.total - self.done
        return 0.0 if not left else left / self.rate if self.rate > 0 else None

    def begin(self, cached: int) -> None:
        """Extraction starts; `cached` rows are already in the store."""
        self.cached = cached
        self.done += cached
        self.before = self.done
        self.clock = time.monotonic()
        self.write(force=True)

    def advance(self, rows: int = 1) -> None:
        self.done += rows
        self.write()

    def fail(self, filepaths: Sequence[str], reason: str) -> None:
        self.failed += [{"filepath": p, "reason": reason} for p in filepaths]
        self.advance(len(filepaths))

    def write(self, *, force: bool = False, finished: str | None = None) -> None:
        now = time.monotonic()
        if not force and now - self.written < UPDATE_SECONDS:
            return
        self.written = now
        self.on_progress(self.done, self.total, self._note())
        write_json(
            self.folder / EXTRACTION_PROGRESS,
            {
                "total": self.total,
                "done": self.done,
                "cached": self.cached,
                "failed": self.failed[:MAX_LISTED_FAILURES],
                "failed_count": len(self.failed),
                "rate": round(self.rate, 3),
                "seconds_left": round(self.seconds_left, 1) if self.seconds_left is not None else None,
                "started": self.started,
                "updated": _now(),
                "finished": finished,
                "groups": self.groups,
                "model_a": self.model_a,
                "simulated": self.simulated,
            },
        )

    def finish(self, order: Sequence[str]) -> None:
        """Write the final state of both files, failures in the manifest's order, independent of the number of workers."""
        position = {path: i for i, path in enumerate(order)}
        self.failed.sort(key=lambda f: position[f["filepath"]])
        text = io.StringIO()
        writer = csv.DictWriter(text, ["filepath", "reason"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.failed)
        write_text(self.folder / "failures.csv", text.getvalue())
        self.write(force=True, finished=_now())

    def _note(self) -> str:
        notes = [f"{self.rate:.1f} images/s"] if self.done > self.before else []
        left = self.seconds_left
        if left:
            notes.append(f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left")
        if self.cached:
            notes.append(f"{self.cached} from the store")
        if self.failed:
            notes.append(f"{len(self.failed)} failed")
        return ", ".join(notes)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
