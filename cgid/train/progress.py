"""Progress of a training (overall step, speed, time left) and its learning curve within epochs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cgid.progress import Progress, takes_seconds_left


class TrainingProgress:
    """total: training steps of all parts together. The time left follows from the speed of this process only."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.total, self.base = progress, 0, 0
        self.tells_left = takes_seconds_left(progress)
        self.begun: tuple[float, int] | None = None

    def part(self, name: str, epochs: int, steps: int, before: int) -> Callable[[int, int, float], None]:
        """on_progress(steps done, steps of the part, images/s) for one training that follows `before` steps of
        others."""

        def tick(done: int, total: int, speed: float) -> None:
            overall = before + done
            epoch = min(epochs, (done - 1) // max(1, steps) + 1)
            left = self._left(overall)
            note = f"{name}, epoch {epoch}/{epochs}, {speed:.0f} images/s"
            note += "" if left is None else f", {format_duration(left)} left"
            if self.tells_left:
                self.progress(overall, self.total, note, seconds_left=left)
            else:
                self.progress(overall, self.total, note)

        return tick

    def reading(self, name: str, before: int = 0) -> Callable[[int, int], None]:
        """on_progress(images read, images) while nothing is trained."""
        return lambda done, total: self.progress(before, self.total, f"reading {name}: {done} of {total} images")

    def _left(self, overall: int) -> float | None:
        now = time.monotonic()
        if self.begun is None:
            self.begun = (now, overall - 1)
        since, first = self.begun
        seconds = (now - since) / max(1, overall - first) * (self.total - overall)
        return seconds if overall > first + 1 else None


def format_duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 5 min`."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


MIN_SECONDS = 5.0  # between points at least
MAX_POINTS_FRACTION = 200  # and at least a two-hundredth of the time so far: an hour makes 500 points, a week 1,700
COST_FACTOR = (
    100  # and a hundred times what the last point took to be read and written: at most a hundredth of the time
)


class Trace:
    """points: {"epoch" (2.5: half of the third done), "loss" (mean since the point before), "lr", "images_per_second"}.

    They are saved with the training's state, so that a resumed training continues the curve. Reading the loss
    waits for the device once a point and changes nothing in the training.
    """

    def __init__(self, points: list[dict[str, Any]] | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.points, self.now = points or [], now
        self.last = now()
        self.loss_sum, self.seen, self.cost = 0.0, 0, 0.0

    def begin_epoch(self, loss_sum: float, seen: int) -> None:
        """loss_sum, seen: sum of the losses and images of this epoch so far; not zero where an epoch is resumed."""
        self.loss_sum, self.seen = loss_sum, seen

    def is_due(self, seconds: float) -> bool:
        """seconds: that the training has taken so far."""
        return self.now() - self.last >= max(MIN_SECONDS, seconds / MAX_POINTS_FRACTION, self.cost * COST_FACTOR)

    def add(self, epoch: float, loss_sum: float, seen: int, lr: float, images_per_second: float) -> None:
        """loss_sum, seen: of this epoch so far."""
        loss = (loss_sum - self.loss_sum) / max(1, seen - self.seen)
        self.points.append({"epoch": epoch, "loss": loss, "lr": lr, "images_per_second": images_per_second})
        self.loss_sum, self.seen = loss_sum, seen

    def mark_read(self, started: float) -> None:
        """The point begun at this time of `now` has been read and written."""
        self.last = self.now()
        self.cost = self.last - started
