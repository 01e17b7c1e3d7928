"""The command line: one command per kind of job, made from its parameters, and those of `cgid/cli/commands/`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cgid.cli import commands
from cgid.cli.command import BAD_INPUT, DONE, FAULT, INTERRUPTED, Command
from cgid.cli.parser import Parser, build
from cgid.cli.steps import command_of
from cgid.errors import InputError
from cgid.extras import missing_extra
from cgid.jobs.kind import all_kinds
from cgid.registry import load


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 2 bad input (one clear line), 1 a fault of cgid, 130 interrupted.

    `CGID_DEBUG=1` shows the traceback instead of the line.
    """
    debug = os.environ.get("CGID_DEBUG", "") not in ("", "0")
    try:
        args = build_parser().parse_args(argv)
        code = args.execute(args)
        sys.stdout.flush()
        return code
    except SystemExit as end:  # argparse: --help, --version, a wrong flag
        return end.code if isinstance(end.code, int) else BAD_INPUT
    except BrokenPipeError:  # `cgid features | head` has read its fill
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    except KeyboardInterrupt:
        return _report("interrupted; finished parts are saved", INTERRUPTED)
    except InputError as error:
        if debug:
            raise
        return _report(str(error), BAD_INPUT)
    except Exception as error:
        if debug:
            raise
        if isinstance(error, ImportError) and (missing := missing_extra(error)):
            return _report(str(missing), BAD_INPUT)
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        return _report(f"a fault inside cgid: {message} (CGID_DEBUG=1 shows where)", FAULT)


def all_commands() -> list[Command]:
    """Every command, by its path."""
    every = [command_of(kind) for kind in all_kinds().values()]
    every += load(commands, "COMMAND", entry_points="cgid.cli.commands", name="path").values()
    return sorted(every, key=lambda command: command.path)


def build_parser() -> Parser:
    """The parser of all commands; what it parses holds `execute`, which runs the command and returns the exit code."""
    return build(all_commands())


def _report(message: str, code: int) -> int:
    print(f"cgid: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
