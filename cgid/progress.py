"""Progress of a step: it calls `progress(done, total, note)`; a console, a test or a background job receives it."""

from __future__ import annotations

import inspect
import sys
import time
from typing import Any, Protocol, TextIO

STEPS = 1000  # of progress that each step of `subrange` is divided into


class Progress(Protocol):
    """Called as often as the step likes; the receiver thins it out. `total` 0 means not known yet.

    seconds_left: the step's own estimate, where it is better than one from the rate so far. Only for receivers that
    accept it.
    """

    def __call__(self, done: int, total: int, /, note: str = "", seconds_left: float | None = None) -> None: ...


def takes_seconds_left(progress: Progress) -> bool:
    """Whether the receiver accepts `seconds_left`; one with three parameters is valid too."""
    try:
        parameters = inspect.signature(progress).parameters
    except (TypeError, ValueError):  # a callable whose parameters cannot be inspected
        return False
    return "seconds_left" in parameters


def silent(done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
    """A receiver that ignores progress."""


def subrange(progress: Progress, done: int, total: int, name: str) -> Progress:
    """Progress of one step among `total` equal ones, of which `done` are finished.

    name: of the step, put before its own notes, so that a nested step shows its context too.
    """

    def on_progress(step_done: int, step_total: int, note: str = "", seconds_left: float | None = None) -> None:
        fraction = min(1.0, step_done / step_total) if step_total else 0.0
        progress(int((done + fraction) * STEPS), total * STEPS, f"{name}: {note}" if note else name)

    return on_progress


class Console:
    """A progress bar on a terminal; plain lines, at most one in two seconds, when piped. Writes to stderr."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self.title, self.stream = title, stream or sys.stderr
        self.live = self.stream.isatty()
        self.last = 0.0
        self.state: tuple[int, int, str] | None = None
        self.bar: Any = None

    def __call__(self, done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
        if self.live:
            self._draw(done, total, note)
            return
        now, state = time.monotonic(), (done, total, note)
        if state != self.state and (now - self.last >= 2 or (total and done >= total)):
            self.last, self.state = now, state
            print(f"{self.title}: {done}/{total or '?'} {note}".rstrip(), file=self.stream, flush=True)

    def _draw(self, done: int, total: int, note: str) -> None:
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(desc=self.title, file=self.stream, dynamic_ncols=True)
        self.bar.total = total or None
        self.bar.n = done
        self.bar.set_postfix_str(note, refresh=False)
        self.bar.refresh()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
