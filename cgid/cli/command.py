"""What a command of `cgid` is: its path below `cgid`, its help, its flags and what it does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

DONE, FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130  # exit codes


@dataclass(frozen=True, slots=True)
class Command:
    """A module in `cgid/cli/commands/` that holds `COMMANDS = (Command(…), …)` adds commands by being there.

    path: its names below `cgid`, such as `("jobs", "list")`. A path may be the beginning of another, as `("demo",)` is
        of `("demo", "data")`.
    help: one line, without a full stop.
    arguments: adds the flags to the parser; called only when the command is chosen.
    run: runs the command and returns the exit code.
    aliases: other paths that do the same; they are not listed among the commands.
    """

    path: tuple[str, ...]
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    aliases: tuple[tuple[str, ...], ...] = ()


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")
