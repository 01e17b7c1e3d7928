"""What a command prints: one JSON document or lines of text, and nothing of what libraries print in between."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from cgid.files import plain


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(plain(value), indent=1, default=str))


@contextlib.contextmanager
def quiet_stdout(enabled: bool) -> Iterator[None]:
    """Inside, everything printed goes to standard error, the output of child processes too."""
    if not enabled:
        yield
        return
    saved_fd = None
    sys.stdout.flush()
    with contextlib.suppress(OSError):  # a closed stream has no descriptor
        saved_fd = os.dup(1)
        os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if saved_fd is not None:
            os.dup2(saved_fd, 1)
            os.close(saved_fd)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Inside, what image libraries write to standard error is dropped: a broken TIFF brings a line for each tag.

    What Python itself writes to `sys.stderr` still appears there.
    """
    try:
        saved_fd = os.dup(2)
    except OSError:  # a closed stream has no descriptor
        yield
        return
    saved_stream = sys.stderr
    sys.stderr = os.fdopen(os.dup(saved_fd), "w", buffering=1, errors="backslashreplace")
    with open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved_fd, 2)
        os.close(saved_fd)
        sys.stderr.close()
        sys.stderr = saved_stream


def format_seconds(seconds: float) -> str:
    """A span of time as `45 s`, `12 min`, `3.5 h` or `2 d`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.0f} d"
