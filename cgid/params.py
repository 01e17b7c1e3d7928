"""Parameters of a step: one frozen dataclass, from which come its flags, its form, its help and its cache key."""

from __future__ import annotations

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any

MISSING = dataclasses.MISSING


def arg(default: Any = MISSING, *, help: str, choices: tuple = ()) -> Any:
    """A dataclass field with its words. Units and meaning go into `help`; without a default the flag is required."""
    return dataclasses.field(default=default, metadata={"help": help, "choices": choices})


def canonical(params: Any) -> dict[str, Any]:
    """Plain JSON values, the same for the same work: paths absolute, tuples as lists, keys sorted."""

    def plain(value: Any) -> Any:
        if isinstance(value, Path):
            return str(value.expanduser().absolute())
        if isinstance(value, tuple | list):
            return [plain(v) for v in value]
        return value

    return {f.name: plain(getattr(params, f.name)) for f in sorted(dataclasses.fields(params), key=lambda f: f.name)}


def field_type(cls: type, name: str) -> tuple[type, bool, bool]:
    """(element type, holds several, may be None) of a field: `tuple[Path, ...] | None` is (Path, True, True)."""
    hint = typing.get_type_hints(cls)[name]
    optional = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        kinds = [a for a in typing.get_args(hint) if a is not type(None)]
        optional, hint = True, kinds[0]
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, optional
    return hint, False, optional


def restore(cls: type, values: dict[str, Any]) -> Any:
    """The dataclass again from `canonical`'s plain values. Raises TypeError on an unknown or missing name."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in {f.name for f in dataclasses.fields(cls)}:
            raise TypeError(f"{cls.__name__} has no parameter {name!r}")
        kind, several, _ = field_type(cls, name)
        if value is None:
            made[name] = None
        elif several:
            made[name] = tuple(kind(v) for v in value)
        else:
            made[name] = kind(value)
    return cls(**made)
