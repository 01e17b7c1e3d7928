"""Turns a training's steps into one number, a speed and the time left, over all its parts.

Points of the learning curve within epochs, every few seconds: what people watch before the first epoch is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cgid.progress import Report, takes_seconds_left


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


SECONDS = 5.0  # between points at least
SHARE = 200  # and at least a two-hundredth of the time so far: an hour makes 500 points, a week 1,700
COST = 100  # and a hundred times what the last point took to be read and written: at most a hundredth of the time


class Trace:
    """points: {"epoch" (2.5: half of the third done), "loss" (mean since the point before), "lr", "images_per_second"}.

    They are saved with the training's state, so that one that was interrupted goes on with one curve. Reading the loss
    waits for the device once a point and changes nothing in the training.
    """

    def __init__(self, points: list[dict[str, Any]] | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.points, self.now = points or [], now
        self.last = now()
        self.loss_sum, self.seen, self.cost = 0.0, 0, 0.0

    def begin_epoch(self, loss_sum: float, seen: int) -> None:
        """loss_sum, seen: sum of the losses and images of this epoch so far; not zero where it is gone on with."""
        self.loss_sum, self.seen = loss_sum, seen

    def is_due(self, seconds: float) -> bool:
        """seconds: that the training has taken so far."""
        return self.now() - self.last >= max(SECONDS, seconds / SHARE, self.cost * COST)

    def add(self, epoch: float, loss_sum: float, seen: int, lr: float, images_per_second: float) -> None:
        """loss_sum, seen: of this epoch so far."""
        loss = (loss_sum - self.loss_sum) / max(1, seen - self.seen)
        self.points.append({"epoch": epoch, "loss": loss, "lr": lr, "images_per_second": images_per_second})
        self.loss_sum, self.seen = loss_sum, seen

    def told(self, begun: float) -> None:
        """The point that was begun at this time of `now` is read, and shown to whoever watches."""
        self.last = self.now()
        self.cost = self.last - begun
