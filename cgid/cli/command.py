"""What a verb of the command line is, and how it speaks: words for people, or one JSON document.

Makes a verb of the command line from a kind of job: its flags are the fields of its parameters.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgid.errors import InputError
from cgid.files import plain
from cgid.jobs.kind import JobKind
from cgid.params import canonical, field_type, restore
from cgid.progress import Console

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


def command_of(kind: JobKind) -> Command:
    """`--queue` sends it to the background; without it the step runs here with a progress bar."""
    return Command(
        verb=kind.verb,
        help=kind.help,
        arguments=lambda parser: flags(parser, kind.params),
        run=lambda asked: run(kind, asked),
    )


def run(kind: JobKind, asked: argparse.Namespace) -> int:
    params = params_from(kind.params, asked)
    if asked.queue:
        return _queue(kind, params, asked.json)
    params = restore(kind.params, canonical(params))  # absolute paths, the same as in the background
    for path in kind.inputs(params):
        if not path.exists():
            raise InputError(f"{kind.title}: {path} is not there; check the path, or make it first.")
    console = Console(kind.title)
    try:
        with quiet_stdout(asked.json):
            result = kind.function()(params, console)
    finally:
        console.close()
    if asked.json:
        say_json(result)
    else:
        print(result.get("summary", "Done."))
        if table := result.get("table_text"):
            print(f"\n{table}")
    return DONE


def params_from(cls: type, asked: argparse.Namespace) -> Any:
    """The parameters from parsed flags; what was not given keeps the default of its field."""
    values = {}
    for field in dataclasses.fields(cls):
        value = getattr(asked, field.name)
        if value is not None:
            values[field.name] = tuple(value) if isinstance(value, list) else value
    return cls(**values)


def _queue(kind: JobKind, params: Any, as_json: bool) -> int:
    from cgid.jobs.store import get
    from cgid.jobs.submit import submit

    submitted = submit(kind.name, params)
    if as_json:
        job = get(submitted.id)
        say_json({"id": submitted.id, "new": submitted.new, "status": job.status if job else "gone"})
    else:
        print(submitted.id)
    return DONE


def flags(parser: argparse.ArgumentParser, cls: type) -> None:
    """A flag for each field of the parameters, then --queue and --json."""
    for field in dataclasses.fields(cls):
        _flag(parser, cls, field)
    parser.add_argument("--queue", action="store_true", help="run it in the background and print the job's id")
    add_json(parser)


def _flag(parser: argparse.ArgumentParser, cls: type, field: dataclasses.Field) -> None:
    kind, several, _ = field_type(cls, field.name)
    name = "--" + field.name.replace("_", "-")
    help = field.metadata["help"].replace("%", "%%")
    if kind is bool:
        action = argparse.BooleanOptionalAction if field.default is True else "store_true"
        parser.add_argument(name, action=action, default=None, help=help)
        return
    required = field.default is dataclasses.MISSING
    more: dict[str, Any] = {"nargs": "+", "action": "extend"} if several else {}
    if field.metadata["choices"]:
        more["choices"] = field.metadata["choices"]
    else:
        more["metavar"] = {Path: "PATH", int: "N", float: "X"}.get(kind, "TEXT")
    parser.add_argument(
        name, type=_reader(kind), required=required, default=None, help=help + _default(field.default), **more
    )


def _default(value: Any) -> str:
    if value is dataclasses.MISSING:
        return " (required)"
    if value is None or value == "" or value == ():
        return ""
    shown = (
        " ".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else value
    )
    return f" (default: {shown})".replace("%", "%%")


def _reader(kind: type) -> Any:
    if kind is float:
        return _finite
    return kind


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value
