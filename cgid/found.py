"""Registration by presence: a file in a package that holds the agreed constant is in the registry by being there."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def found_in(package: ModuleType, constant: str) -> dict[str, Any]:
    """{module's name: its constant}, by name. Raises AttributeError where a file of the package holds none."""
    names = sorted(module.name for module in iter_modules(package.__path__))
    return {name: getattr(import_module(f"{package.__name__}.{name}"), constant) for name in names}


def named_in(package: ModuleType, constant: str) -> dict[str, Any]:
    """As `found_in`, of constants with a `name`. Raises ValueError where a file is not named as what it holds."""
    found = found_in(package, constant)
    for file, held in found.items():
        if held.name != file:
            raise ValueError(f"{package.__name__}: {file}.py holds {held.name!r}; name them alike")
    return found
