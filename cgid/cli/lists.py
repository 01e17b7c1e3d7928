"""Flags that take several values: separated by blanks or commas, and a repeated flag adds to them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


class ListAction(argparse.Action):
    """`--tiers clean web`, `--tiers clean,web` and `--tiers clean --tiers web` are the same list.

    item: makes a value of its text; ValueError and ArgumentTypeError become a usage error.
    choices: the values allowed. They are checked after the commas are taken apart, so argparse does not get them.
    """

    def __init__(
        self,
        option_strings: Sequence[str],
        dest: str,
        item: Callable[[str], Any] = str,
        choices: Sequence[Any] = (),
        **more: Any,
    ) -> None:
        if choices and not more.get("metavar"):
            more["metavar"] = "{" + ",".join(map(str, choices)) + "}"
        super().__init__(option_strings, dest, **more)
        self.item = item
        self.allowed = tuple(choices)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        items = [self._item(text) for argument in values for text in split(argument, self.item is Path)]
        if values and any(values) and not items:
            raise argparse.ArgumentError(self, "expected at least one value")
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest) or ()), *items])

    def _item(self, text: str) -> Any:
        try:
            value = self.item(text)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentError(self, str(error)) from None
        except ValueError:
            raise argparse.ArgumentError(self, f"invalid {self.item.__name__} value: {text!r}") from None
        if self.allowed and value not in self.allowed:
            raise argparse.ArgumentError(
                self, f"invalid choice: {text!r} (choose from {', '.join(map(str, self.allowed))})"
            )
        return value


def split(argument: str, path: bool = False) -> list[str]:
    """The values of one argument, without blanks around them and without empty ones.

    path: a file or folder that is there keeps the commas of its name.
    """
    if path and ("," not in argument or Path(argument).expanduser().exists()):
        return [argument]
    return [text.strip() for text in argument.split(",") if text.strip()]


def add_list(parser: argparse.ArgumentParser, *names: str, nargs: str = "+", **more: Any) -> None:
    """A flag (or positional) of several values; `more` as `ListAction` and `add_argument` take it."""
    parser.add_argument(*names, action=ListAction, nargs=nargs, **more)
