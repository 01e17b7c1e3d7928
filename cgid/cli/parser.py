"""The parser of the command line: a tree of commands whose flags are added only for the command that is chosen."""

from __future__ import annotations

import argparse
import difflib
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from cgid import __version__
from cgid.cli.command import BAD_INPUT, DONE, Command
from cgid.cli.groups import GROUPS, in_order
from cgid.errors import InputError

DESCRIPTION = "Does a detector of AI-generated images really work, and why?"

Path = tuple[str, ...]


class _Formatter(argparse.HelpFormatter):
    """Breaks no line within `train-model-a` or `--output-dir`."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = textwrap.wrap(" ".join(text.split()), width - len(indent), break_on_hyphens=False)
        return "\n".join(indent + line for line in lines)


class _Subcommands(argparse._SubParsersAction):
    """Refuses flags of a command such as `cgid features` in front of a subcommand, which would not see them."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *more: Any) -> None:
        for action in parser._actions:
            if action.option_strings and hasattr(namespace, action.dest):
                if getattr(namespace, action.dest) != action.default:
                    parser.error(f"{action.option_strings[0]} belongs behind {str(values[0])!r}, if it has this flag")
                delattr(namespace, action.dest)
        super().__call__(parser, namespace, values, *more)


class Parser(argparse.ArgumentParser):
    """No abbreviated flags (a new flag would break them), and one line where a flag is wrong.

    add: adds the flags and subcommands; called once, before the parser reads its first argument.
    """

    def __init__(self, *, add: Callable[[Parser], None] | None = None, **more: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _Formatter, **more})
        self.register("action", "parsers", _Subcommands)
        self._add = add
        self.listed: list[str] = []  # subcommands that the help shows

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.complete()
        return super().parse_known_args(args, namespace)

    def complete(self) -> None:
        """Add the flags and subcommands, if that is not done yet."""
        add, self._add = self._add, None
        if add:
            add(self)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            close = difflib.get_close_matches(str(value), list(action.choices), 1)
            hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(self.listed)}"
            raise argparse.ArgumentError(action, f"invalid choice: {value!r}; {hint}")
        super()._check_value(action, value)


def build(commands: Sequence[Command]) -> Parser:
    """Raises InputError where two commands have the same path."""
    by_path = _by_path(commands)
    top = Parser(prog="cgid", description=DESCRIPTION, epilog=_other_names(commands))
    top.add_argument("--version", action="version", version=f"cgid {__version__}")
    top.set_defaults(execute=lambda _: _print_help(top, DONE))
    _add_subcommands(top, (), by_path)
    return top


def _by_path(commands: Sequence[Command]) -> dict[Path, Command]:
    by_path: dict[Path, Command] = {}
    for command in commands:
        for path in (command.path, *command.aliases):
            if path in by_path:
                raise InputError(f"Two commands are called {_name(path)}; rename one of them.")
            by_path[path] = command
    return by_path


def _add_subcommands(parser: Parser, parent: Path, by_path: dict[Path, Command]) -> None:
    depth = len(parent)
    below = [path for path in by_path if len(path) > depth and path[:depth] == parent]
    if not below:
        return
    action = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for name in in_order({path[depth] for path in below}, "".join(parent[:1])):
        path = (*parent, name)
        listed = [p for p in below if p[: depth + 1] == path and by_path[p].path == p]  # no aliases
        more: dict[str, Any] = {"help": _summary(path, by_path, listed)} if listed else {}
        parser.listed += [name] if listed else []
        action.add_parser(name, add=_adding(path, by_path), **more, **_texts(path, by_path))


def _adding(path: Path, by_path: dict[Path, Command]) -> Callable[[Parser], None]:
    def add(parser: Parser) -> None:
        command = by_path.get(path)
        if command:
            command.arguments(parser)
            parser.set_defaults(execute=command.run)
        else:
            parser.set_defaults(execute=lambda _: _print_help(parser, BAD_INPUT))
        _add_subcommands(parser, path, by_path)

    return add


def _summary(path: Path, by_path: dict[Path, Command], listed: list[Path]) -> str:
    """The line of a command or of a group in the list; listed: the path and those below it, without aliases."""
    names = ", ".join(in_order({p[len(path)] for p in listed if len(p) > len(path)}, path[0]))
    if path in listed:
        return f"{by_path[path].help} (also: {names})" if names else by_path[path].help
    return f"{GROUPS[path[0]]}: {names}" if path[0] in GROUPS else names


def _texts(path: Path, by_path: dict[Path, Command]) -> dict[str, Any]:
    """Description and epilogue of a command's own help."""
    command = by_path.get(path)
    if command is None:
        title = GROUPS.get(path[-1], "")
        return {"description": f"{title[0].upper()}{title[1:]}."} if title else {}
    texts = {"description": f"{command.help[0].upper()}{command.help[1:]}."}
    if path != command.path:
        texts["epilog"] = f"The same as {_name(command.path)}."
    elif command.aliases:
        texts["epilog"] = f"Also: {', '.join(map(_name, command.aliases))}."
    return texts


def _name(path: Path) -> str:
    return f"`{' '.join(('cgid', *path))}`"


def _other_names(commands: Sequence[Command]) -> str:
    pairs = sorted(
        (" ".join(alias), " ".join(c.path)) for c in commands for alias in c.aliases if alias != c.path[: len(alias)]
    )
    return (
        f"Other names of the same commands: {', '.join(f'{alias} ({path})' for alias, path in pairs)}." if pairs else ""
    )


def _print_help(parser: argparse.ArgumentParser, code: int) -> int:
    parser.print_help()
    return code
