"""How a step tells how far it is: `report(done, total, note)`, from a shell, a test or a background job."""

from __future__ import annotations

import inspect
import sys
import time
from typing import Protocol, TextIO

STEPS = 1000  # of progress that each step of `subrange` is divided into


class Report(Protocol):
    """Called as often as the step likes; the receiver thins it out. `total` 0 means not known yet.

    seconds_left: where the step knows better than its rate so far tells. Only for receivers that take it.
    """

    def __call__(self, done: int, total: int, note: str = "", seconds_left: float | None = None) -> None: ...


def takes_seconds_left(report: Report) -> bool:
    """Whether the receiver wants `seconds_left`: one of three parameters is as good."""
    try:
        parameters = inspect.signature(report).parameters
    except (TypeError, ValueError):  # a callable that does not tell its parameters
        return False
    return "seconds_left" in parameters


def silent(done: int, total: int, note: str = "", seconds_left: float | None = None) -> None:
    """For callers that do not watch."""


def subrange(progress: Report, done: int, total: int, name: str) -> Report:
    """Progress of one step among `total` equal ones, of which `done` are finished.

    name: of the step, put before its own notes, so that nested ones say both what and within what.
    """

    def tick(part: int, whole: int, note: str = "", seconds_left: float | None = None) -> None:
        share = min(1.0, part / whole) if whole else 0.0
        progress(int((done + share) * STEPS), total * STEPS, f"{name}: {note}" if note else name)

    return tick


class Console:
    """A progress bar on a terminal; plain lines, at most one in two seconds, when piped. Writes to stderr."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self.title, self.stream = title, stream or sys.stderr
        self.live = self.stream.isatty()
        self.last, self.state, self.bar = 0.0, None, None

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
