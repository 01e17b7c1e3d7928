"""Times the steps of a training that is only there to be timed, and ends it when enough of them are."""

from __future__ import annotations

import time
from collections.abc import Callable

from cgid.train.loader import AHEAD

SECONDS = 6.0  # that are measured; twice as many where steps are slow
FEWEST, MOST = 3, 200  # pieces


class Enough(Exception):
    """Ends a training from its tick: measured for long enough."""


class StepClock:
    """`tick` for a training. pieces: (seconds, images) of `together` steps of `size` images each, once it is warm.

    Warm: the batches made ready before the first step are used up, or so much time has passed that they hardly count.
    finish: waits until the device has done what it was told to. now: a clock in seconds.
    """

    def __init__(
        self, size: int, together: int, finish: Callable[[], None], now: Callable[[], float] = time.perf_counter
    ) -> None:
        self.size, self.together, self.finish, self.now = size, together, finish, now
        self.pieces: list[tuple[float, int]] = []
        self.begun = self.since = now()
        self.from_step = 0  # the step that ended the piece before; 0 while it is not warm

    def tick(self, done: int, total: int = 0, speed: float = 0.0) -> None:
        """After every step; done: 1, 2, … Raises Enough."""
        if not self.from_step:
            if done < AHEAD and self.now() - self.begun < SECONDS:
                return
        elif done - self.from_step < self.together:
            return
        self.finish()
        now = self.now()
        if self.from_step:
            self.pieces.append((now - self.since, (done - self.from_step) * self.size))
        else:
            self.begun = now
        self.since, self.from_step = now, done
        spent = now - self.begun
        if self.pieces and spent > (SECONDS if len(self.pieces) >= FEWEST else 2 * SECONDS):
            raise Enough
