"""What a verb of the command line is, and how it speaks: words for people, or one JSON document."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cgid.files import plain

DONE, FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Command:
    """A file in `cgid/commands/` that holds `COMMANDS = (Command(…), …)` adds verbs by being there.

    verb: its words, e.g. `("jobs", "list")`. arguments: adds the flags. run: does it and gives the exit code.
    """

    verb: tuple[str, ...]
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def say_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(plain(value), indent=1, default=str))


@contextlib.contextmanager
def quiet_stdout(wanted: bool) -> Iterator[None]:
    """Inside, whatever anybody prints goes to standard error, child processes' words too."""
    if not wanted:
        yield
        return
    kept = None
    sys.stdout.flush()
    with contextlib.suppress(OSError):  # a stream that is closed takes no words
        kept = os.dup(1)
        os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Inside, what image libraries write to standard error is dropped: a broken TIFF brings a line per tag. Python's
    own words still appear there."""
    try:
        kept = os.dup(2)
    except OSError:  # a stream that is closed takes no words
        yield
        return
    before = sys.stderr
    sys.stderr = os.fdopen(os.dup(kept), "w", buffering=1, errors="backslashreplace")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        sys.stderr.close()
        sys.stderr = before


def ago(seconds: float) -> str:
    """A span of time in few letters: `45 s`, `12 min`, `3.5 h`, `2 d`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.0f} d"
