"""How far an extraction is, for people and pages: training_progress.json, about once a second, and failures.csv."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cgid.artifacts import EXTRACTION_PROGRESS
from cgid.files import write_json, write_text
from cgid.progress import Report

SECONDS_BETWEEN = 1.0
LISTED = 1000  # failures in training_progress.json; failures.csv has all


class Progress:
    """Counts rows of the manifest. folder: where both files go. groups: keys of the groups being measured, and
    model_a: the run behind the group of that name, so that Model B knows whose word it learned from. simulated: whether
    all images come from the embedded demo sets."""

    def __init__(
        self,
        folder: Path,
        total: int,
        groups: Sequence[str],
        report: Report,
        model_a: dict[str, str] | None = None,
        simulated: bool = False,
    ) -> None:
        self.folder, self.total, self.groups, self.report = folder, total, list(groups), report
        self.model_a, self.simulated = model_a, simulated
        self.done, self.cached, self.before = 0, 0, 0
        self.failed: list[dict[str, str]] = []
        self.started, self.clock, self.written = _now(), time.monotonic(), 0.0

    @property
    def rate(self) -> float:
        """Images a second since measuring began, those from the store or that could not be opened not counted."""
        return (self.done - self.before) / max(1e-6, time.monotonic() - self.clock)

    @property
    def seconds_left(self) -> float | None:
        left = self.total - self.done
        return 0.0 if not left else left / self.rate if self.rate > 0 else None

    def begin(self, cached: int) -> None:
        """Measuring starts now; `cached` rows are in the store already."""
        self.cached = cached
        self.done += cached
        self.before = self.done
        self.clock = time.monotonic()
        self.tell(force=True)

    def advance(self, rows: int = 1) -> None:
        self.done += rows
        self.tell()

    def fail(self, filepaths: Sequence[str], reason: str) -> None:
        self.failed += [{"filepath": p, "reason": reason} for p in filepaths]
        self.advance(len(filepaths))

    def tell(self, *, force: bool = False, finished: str | None = None) -> None:
        now = time.monotonic()
        if not force and now - self.written < SECONDS_BETWEEN:
            return
        self.written = now
        self.report(self.done, self.total, self._note())
        write_json(
            self.folder / EXTRACTION_PROGRESS,
            {
                "total": self.total,
                "done": self.done,
                "cached": self.cached,
                "failed": self.failed[:LISTED],
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
        """Both files for good, failures in the manifest's order, so that one and many workers write the same."""
        place = {path: i for i, path in enumerate(order)}
        self.failed.sort(key=lambda f: place[f["filepath"]])
        text = io.StringIO()
        writer = csv.DictWriter(text, ["filepath", "reason"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.failed)
        write_text(self.folder / "failures.csv", text.getvalue())
        self.tell(force=True, finished=_now())

    def _note(self) -> str:
        words = [f"{self.rate:.1f} images/s"] if self.done > self.before else []
        left = self.seconds_left
        if left:
            words.append(f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left")
        if self.cached:
            words.append(f"{self.cached} from the store")
        if self.failed:
            words.append(f"{len(self.failed)} failed")
        return ", ".join(words)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
