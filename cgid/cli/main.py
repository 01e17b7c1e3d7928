"""The command line: one verb per kind of job, made from its parameters, and the verbs of `cgid/commands/`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from cgid import __version__
from cgid.cli import commands
from cgid.cli.command import BAD_INPUT, DONE, FAULT, INTERRUPTED, Command, command_of
from cgid.errors import InputError
from cgid.extras import absent
from cgid.jobs.kind import all_kinds
from cgid.registry import load


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 2 bad input (one clear line), 1 a fault of cgid, 130 interrupted.

    `CGID_DEBUG=1` shows the traceback instead of the line.
    """
    debug = os.environ.get("CGID_DEBUG", "") not in ("", "0")
    try:
        asked = build_parser().parse_args(argv)
        code = asked.execute(asked)
        sys.stdout.flush()
        return code
    except SystemExit as end:  # argparse: --help, --version, a wrong flag
        return end.code if isinstance(end.code, int) else BAD_INPUT
    except BrokenPipeError:  # `cgid features | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    except KeyboardInterrupt:
        return _say("interrupted; what was finished is kept", INTERRUPTED)
    except InputError as error:
        if debug:
            raise
        return _say(str(error), BAD_INPUT)
    except Exception as error:
        if debug:
            raise
        if isinstance(error, ImportError) and (lacking := absent(error)):
            return _say(str(lacking), BAD_INPUT)
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        return _say(f"a fault inside cgid: {said} (CGID_DEBUG=1 shows where)", FAULT)


def all_commands() -> list[Command]:
    """Every verb, by its words."""
    found = [command_of(kind) for kind in all_kinds().values()]
    found += load(commands, "COMMAND", entry_points="cgid.cli.commands", name="verb").values()
    return sorted(found, key=lambda c: c.verb)


def build_parser() -> argparse.ArgumentParser:
    top = _Parser(prog="cgid", description="Does a detector of AI-generated images really work, and why?")
    top.add_argument("--version", action="version", version=f"cgid {__version__}")
    top.set_defaults(execute=lambda _: _help(top, DONE))
    branches: dict[tuple[str, ...], argparse._SubParsersAction] = {
        (): top.add_subparsers(title="verbs", metavar="VERB", parser_class=_Parser)
    }
    every = all_commands()
    for command in every:
        for depth in range(1, len(command.verb)):
            _branch(branches, command.verb[:depth], every)
        parser = branches[command.verb[:-1]].add_parser(
            command.verb[-1], help=command.help, description=command.help[0].upper() + command.help[1:] + "."
        )
        command.arguments(parser)
        parser.set_defaults(execute=command.run)
    return top


def _branch(branches: dict, words: tuple[str, ...], every: list[Command]) -> None:
    if words in branches:
        return
    below = [c.verb[len(words)] for c in every if c.verb[: len(words)] == words]
    parser = branches[words[:-1]].add_parser(words[-1], help=", ".join(dict.fromkeys(below)))
    parser.set_defaults(execute=lambda _: _help(parser, BAD_INPUT))
    branches[words] = parser.add_subparsers(title="verbs", metavar="VERB", parser_class=_Parser)


class _Parser(argparse.ArgumentParser):
    """No abbreviated flags (a new flag would break them), and one line where a flag is wrong."""

    def __init__(self, **more) -> None:
        super().__init__(**{"allow_abbrev": False, **more})

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _help(parser: argparse.ArgumentParser, code: int) -> int:
    parser.print_help()
    return code


def _say(sentence: str, code: int) -> int:
    print(f"cgid: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
