"""Answers go before copies: while somebody still waits for an answer, nobody's copies are judged, and never many at once."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

AT_ONCE = min(4, os.cpu_count() or 1)  # copies judged at the same time: more would only wait for a processor
LONGEST = 3.0  # s that a copy gives way: among many who come one after another its turn comes too

_changed = threading.Condition()
_answers = 0
_copies = 0


@contextlib.contextmanager
def answer() -> Iterator[None]:
    """Around the making of an answer."""
    global _answers
    with _changed:
        _answers += 1
    try:
        yield
    finally:
        with _changed:
            _answers -= 1
            _changed.notify_all()


@contextlib.contextmanager
def copy() -> Iterator[None]:
    """Around the judging of one copy: begins once no answer is in the making and few others judge theirs."""
    global _copies
    until = time.monotonic() + LONGEST
    with _changed:
        while (_answers or _copies >= AT_ONCE) and (left := until - time.monotonic()) > 0:
            _changed.wait(left)
        _copies += 1
    try:
        yield
    finally:
        with _changed:
            _copies -= 1
            _changed.notify_all()
