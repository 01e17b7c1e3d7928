"""Finds every kind of background job: a file in kinds/ that holds KIND is registered by being there."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from cgid.errors import InputError
from cgid.found import found_in
from cgid.jobs.kind import JobKind

BUILT_IN = "cgid.jobs.kinds"


def all_kinds() -> dict[str, JobKind]:
    """{name: kind}, by name. Packages named in `CGID_JOB_KINDS` (comma-separated) add theirs: the plug-in hook.

    Raises ValueError where two kinds share a name or a verb, InputError where a plug-in cannot be imported.
    """
    return dict(_found(os.environ.get("CGID_JOB_KINDS", "")))


def kind_named(name: str) -> JobKind:
    """Raises InputError with the names there are."""
    kinds = all_kinds()
    if name not in kinds:
        raise InputError(f"No kind of job is called {name!r}; there are {', '.join(kinds)}.")
    return kinds[name]


@cache
def _found(plugins: str) -> dict[str, JobKind]:
    kinds = _of_package(BUILT_IN)
    for package in filter(None, (p.strip() for p in plugins.split(","))):
        try:
            kinds += _of_package(package)
        except ImportError as error:
            raise InputError(f"CGID_JOB_KINDS names `{package}`, which cannot be imported: {error}.") from error
    by_name = {k.name: k for k in sorted(kinds, key=lambda k: k.name)}
    if len(by_name) != len(kinds) or len({k.verb for k in kinds}) != len(kinds):
        raise ValueError("two kinds of job share a name or a verb")
    return by_name


def _of_package(name: str) -> list[JobKind]:
    return list(found_in(import_module(name), "KIND").values())
