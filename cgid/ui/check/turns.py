"""Answers go first: while somebody waits for one, no copies are judged and no network is asked where it looked."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

AT_ONCE = min(4, os.cpu_count() or 1)  # of what can wait: more would only wait for a processor
LONGEST = 3.0  # s that it gives way: among many who come one after another its turn comes too

_changed = threading.Condition()
_answers = 0
_later = 0


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
def later() -> Iterator[None]:
    """Around what comes after an answer: begins once no answer is in the making and few others are at theirs."""
    global _later
    until = time.monotonic() + LONGEST
    with _changed:
        while (_answers or _later >= AT_ONCE) and (left := until - time.monotonic()) > 0:
            _changed.wait(left)
        _later += 1
    try:
        yield
    finally:
        with _changed:
            _later -= 1
            _changed.notify_all()
