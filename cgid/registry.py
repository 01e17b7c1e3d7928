"""Registration by presence: what modules of a package hold under an agreed constant, then what entry points add."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cgid.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP_PREFIX = "cgid."  # of every entry point group that cgid reads


def load(package: ModuleType, constant: str, *, entry_points: str = "", name: str = "name") -> dict[Any, Any]:
    """{name: value} of every module of a package, by the module's name, then of an entry point group, by theirs.

    constant: `CHECK` finds `CHECK = …` and `CHECKS = (…, …)`. Modules whose name begins with `_` are not looked at.
    entry_points: group such as `cgid.checks`; a point names a value, a tuple of values, a module that holds the
    constant, or a package of such modules. One that cannot be used costs a warning and nothing else.
    name: attribute of a value that names it. Raises AttributeError where a module holds no such constant, InputError
    where two values share a name.
    """
    held: dict[Any, tuple[Any, str]] = {}
    for origin, value in _of_package(package, constant):
        _add(held, getattr(value, name), value, origin)
    for point in _points(entry_points) if entry_points else ():
        try:
            values = [(getattr(value, name), value) for value in _of_point(point, constant)]
        except Exception as error:  # the edge where one plug-in fails and the program goes on
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            told = f"{_described(point)} cannot be used and is left out: {reason}."
            warnings.warn(told, RuntimeWarning, stacklevel=2)
            continue
        for called, value in values:
            _add(held, called, value, _described(point))
    return {called: value for called, (value, _) in held.items()}


def values_of(module: ModuleType, constant: str) -> tuple[Any, ...]:
    """What one module holds under the constant or its plural, in the order given there. Raises AttributeError."""
    names = [spelled for spelled in (constant, f"{constant}S") if hasattr(module, spelled)]
    if not names:
        raise AttributeError(f"{module.__name__} holds no {constant}")
    values = [value for spelled in names for value in _flat(getattr(module, spelled))]
    return tuple({id(value): value for value in values}.values())


def _of_package(package: ModuleType, constant: str) -> Iterator[tuple[str, Any]]:
    for file in sorted(module.name for module in iter_modules(package.__path__)):
        if not file.startswith("_"):
            module = import_module(f"{package.__name__}.{file}")
            yield from ((module.__name__, value) for value in values_of(module, constant))


def _of_point(point: EntryPoint, constant: str) -> list[Any]:
    loaded = point.load()
    if not isinstance(loaded, ModuleType):
        return _flat(loaded)
    if hasattr(loaded, "__path__"):
        return [value for _, value in _of_package(loaded, constant)]
    return list(values_of(loaded, constant))


def _flat(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple | list) else [value]


def _add(held: dict[Any, tuple[Any, str]], called: Any, value: Any, origin: str) -> None:
    if called in held:
        shown = " ".join(called) if isinstance(called, tuple) else called
        raise InputError(f"Two things are called {shown!r}: one of {held[called][1]}, one of {origin}; rename one.")
    held[called] = (value, origin)


def _described(point: EntryPoint) -> str:
    dist = point.dist
    of = f" of {dist.metadata['Name']} {dist.version}" if dist is not None else ""
    return f"entry point `{point.name} = {point.value}` of group {point.group}{of}"


def _points(group: str) -> tuple[EntryPoint, ...]:
    return _all_points().get(group, ())


@cache
def _all_points() -> dict[str, tuple[EntryPoint, ...]]:
    """{group: points by name and place} of all groups of cgid; the metadata of the installation is read once."""
    from importlib.metadata import entry_points

    points = entry_points()
    groups = [group for group in points.groups if group.startswith(GROUP_PREFIX)]
    return {group: tuple(sorted(points.select(group=group), key=lambda p: (p.name, p.value))) for group in groups}
