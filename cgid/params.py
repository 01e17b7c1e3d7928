"""Parameters of a step: a frozen dataclass from which its flags, form, help and cache key are generated."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any

MISSING = dataclasses.MISSING


def arg(default: Any = MISSING, *, help: str, choices: tuple = (), comma_list: bool = False, flag: str = "") -> Any:
    """A dataclass field with its help. Units and meaning go into `help`; without a default the flag is required.

    comma_list: the text is a list with commas between, such as `clean,web`; the command line takes blanks as well.
    flag: the flag's name where it is not the field's, which then is a second name of the flag.
    """
    metadata = {"help": help, "choices": choices, "comma_list": comma_list, "flag": flag}
    return dataclasses.field(default=default, metadata=metadata)


def canonical(params: Any) -> dict[str, Any]:
    """JSON values, equal for equal parameters: absolute paths, tuples as lists, sorted keys."""

    def plain(value: Any) -> Any:
        if isinstance(value, Path):
            return str(value.expanduser().absolute())
        if isinstance(value, tuple | list):
            return [plain(v) for v in value]
        return value

    return {f.name: plain(getattr(params, f.name)) for f in sorted(dataclasses.fields(params), key=lambda f: f.name)}


def field_type(cls: type, name: str) -> tuple[type, bool, bool]:
    """(element type, whether it is a tuple, whether it may be None): `tuple[Path, ...] | None` is (Path, True, True)."""
    hint = typing.get_type_hints(cls)[name]
    optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        kinds = [a for a in typing.get_args(hint) if a is not type(None)]
        optional, hint = True, kinds[0]
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, optional
    return hint, False, optional


def restore(cls: type, values: dict[str, Any]) -> Any:
    """The dataclass from the plain values of `canonical`. Raises TypeError on an unknown or missing name."""
    restored: dict[str, Any] = {}
    for name, value in values.items():
        if name not in {f.name for f in dataclasses.fields(cls)}:
            raise TypeError(f"{cls.__name__} has no parameter {name!r}")
        kind, several, _ = field_type(cls, name)
        if value is None:
            restored[name] = None
        elif several:
            restored[name] = tuple(kind(v) for v in value)
        else:
            restored[name] = kind(value)
    return cls(**restored)
