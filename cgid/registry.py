"""Registration by presence: values under an agreed constant in the modules of a package, and from entry points."""

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

    constant: `CHECK` finds `CHECK = …` and `CHECKS = (…, …)`. Modules whose name begins with `_` are skipped.
    entry_points: group such as `cgid.checks`; a point names a value, a tuple of values, a module that holds the
    constant, or a package of such modules. One that cannot be used only causes a warning.
    name: attribute of a value that names it. Raises AttributeError where a module has no such constant, InputError
    where two values share a name.
    """
    values_by_name: dict[Any, tuple[Any, str]] = {}
    for origin, value in _of_package(package, constant):
        _add(values_by_name, getattr(value, name), value, origin)
    for point in _points(entry_points) if entry_points else ():
        try:
            values = [(getattr(value, name), value) for value in _of_point(point, constant)]
        except Exception as error:  # one failing plug-in must not stop the program
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            message = f"{_describe(point)} cannot be used and is left out: {reason}."
            warnings.warn(message, RuntimeWarning, stacklevel=2)
            continue
        for value_name, value in values:
            _add(values_by_name, value_name, value, _describe(point))
    return {value_name: value for value_name, (value, _) in values_by_name.items()}


def values_of(module: ModuleType, constant: str) -> tuple[Any, ...]:
    """Values of one module under the constant or its plural, in their order. Raises AttributeError."""
    names = [attribute for attribute in (constant, f"{constant}S") if hasattr(module, attribute)]
    if not names:
        raise AttributeError(f"{module.__name__} has no {constant}")
    values = [value for attribute in names for value in _flat(getattr(module, attribute))]
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


def _add(values_by_name: dict[Any, tuple[Any, str]], value_name: Any, value: Any, origin: str) -> None:
    if value_name in values_by_name:
        shown = " ".join(value_name) if isinstance(value_name, tuple) else value_name
        raise InputError(
            f"Duplicate name {shown!r}: one of {values_by_name[value_name][1]}, one of {origin}; rename one."
        )
    values_by_name[value_name] = (value, origin)


def _describe(point: EntryPoint) -> str:
    dist = point.dist
    of = f" of {dist.metadata['Name']} {dist.version}" if dist is not None else ""
    return f"entry point `{point.name} = {point.value}` of group {point.group}{of}"


def _points(group: str) -> tuple[EntryPoint, ...]:
    return _all_points().get(group, ())


@cache
def _all_points() -> dict[str, tuple[EntryPoint, ...]]:
    """{group: points by name and place} of all groups of cgid; the installed metadata is read once."""
    from importlib.metadata import entry_points

    points = entry_points()
    groups = [group for group in points.groups if group.startswith(GROUP_PREFIX)]
    return {group: tuple(sorted(points.select(group=group), key=lambda p: (p.name, p.value))) for group in groups}
