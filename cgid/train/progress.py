"""Turns a training's steps into one number, a speed and the time left, over all its parts."""

from __future__ import annotations

import time
from collections.abc import Callable

from cgid.report import Report, takes_seconds_left


class Progress:
    """total: training steps of all parts together. Time left goes by the speed of this process, not of earlier ones."""

    def __init__(self, report: Report) -> None:
        self.report, self.total, self.base = report, 0, 0
        self.tells_left = takes_seconds_left(report)
        self.begun: tuple[float, int] | None = None

    def part(self, name: str, epochs: int, steps: int, before: int) -> Callable[[int, int, float], None]:
        """tick(steps done, steps of the part, images/s) for one training that comes after `before` steps of others."""

        def tick(done: int, total: int, speed: float) -> None:
            overall = before + done
            epoch = min(epochs, (done - 1) // max(1, steps) + 1)
            left = self._left(overall)
            note = f"{name}, epoch {epoch}/{epochs}, {speed:.0f} images/s"
            note += "" if left is None else f", {words(left)} left"
            if self.tells_left:
                self.report(overall, self.total, note, seconds_left=left)
            else:
                self.report(overall, self.total, note)

        return tick

    def reading(self, name: str, before: int = 0) -> Callable[[int, int], None]:
        """tick(images read, images) while nothing is trained."""
        return lambda done, total: self.report(before, self.total, f"reading {name}: {done} of {total} images")

    def _left(self, overall: int) -> float | None:
        now = time.monotonic()
        if self.begun is None:
            self.begun = (now, overall - 1)
        since, first = self.begun
        seconds = (now - since) / max(1, overall - first) * (self.total - overall)
        return seconds if overall > first + 1 else None


def words(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 5 min`."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
