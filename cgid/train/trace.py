"""Points of the learning curve within epochs, every few seconds: what people watch before the first epoch is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

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
