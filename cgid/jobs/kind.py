"""What a kind of background job is: a plain step, its parameters, and which files go in and come out.

Finds every kind of background job: a room of cgid that holds a module `job_kinds` brings kinds by being there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import cgid
from cgid.errors import InputError
from cgid.registry import load, values_of


@dataclass(frozen=True, slots=True)
class JobKind:
    """A file in `pipelines/kinds/` that holds `KINDS = (JobKind(…), …)` adds commands and jobs by being there.

    name: as stored in the database, e.g. `train-model-a`.
    command: path below `cgid` on the command line, e.g. `("data", "scan")`.
    aliases: further paths that run the same, e.g. `(("scan",),)`.
    title, help: the job on pages, and the line in the help of the command line.
    params: frozen dataclass made with `cgid.params.arg`; its module imports nothing heavy.
    run: `module:function` of the step `fn(params, progress) -> dict`, imported only where it runs.
    inputs, outputs: parameters -> files or folders read / written. Inputs enter the cache key by content; a done job
        counts only while its outputs exist.
    resource: `cpu` or `gpu`, or a function of the parameters.
    version: raise it when the same parameters would give another result.
    fingerprint: what else the work depends on, as text (the images a manifest lists). Not called where an earlier job
        makes the inputs: its key stands for them.
    always: the result depends on more than parameters and inputs, or is no file: a done job is never reused.
    """

    name: str
    command: tuple[str, ...]
    title: str
    help: str
    params: type
    run: str
    inputs: Callable[[Any], Sequence[Path]]
    outputs: Callable[[Any], Sequence[Path]]
    resource: str | Callable[[Any], str] = "cpu"
    version: int = 1
    fingerprint: Callable[[Any], str] | None = None
    always: bool = False
    aliases: tuple[tuple[str, ...], ...] = ()

    def function(self) -> Callable[..., dict[str, Any]]:
        """Import the step. Everything heavy happens here."""
        module, name = self.run.split(":")
        step: Callable[..., dict[str, Any]] = getattr(import_module(module), name)
        return step

    def resource_of(self, params: Any) -> str:
        return self.resource if isinstance(self.resource, str) else self.resource(params)


HOOK = "job_kinds"  # the module of a room that holds `KINDS = (JobKind(…), …)`


def all_kinds() -> dict[str, JobKind]:
    """{name: kind}, by name. Packages named in `CGID_JOB_KINDS` (comma-separated) add theirs: the plug-in hook.

    Raises InputError where two kinds share a name or a command, or a plug-in cannot be imported.
    """
    return dict(_all_kinds(os.environ.get("CGID_JOB_KINDS", "")))


def kind_named(name: str) -> JobKind:
    """Raises InputError with the names there are."""
    kinds = all_kinds()
    if name not in kinds:
        raise InputError(f"No kind of job is called {name!r}; there are {', '.join(kinds)}.")
    return kinds[name]


@cache
def _all_kinds(plugins: str) -> dict[str, JobKind]:
    kinds = _of_rooms()
    for package in filter(None, (p.strip() for p in plugins.split(","))):
        try:
            kinds += load(import_module(package), "KIND").values()
        except ImportError as error:
            raise InputError(f"CGID_JOB_KINDS names `{package}`, which cannot be imported: {error}.") from error
    names = [kind.name for kind in kinds]
    commands = [" ".join(path) for kind in kinds for path in (kind.command, *kind.aliases)]
    for values in (names, commands):
        if repeated := [value for value in values if values.count(value) > 1]:
            raise InputError(f"Two kinds of job share a name or a command: {repeated[0]!r}; rename one of them.")
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}


def _of_rooms() -> list[JobKind]:
    rooms = sorted(module.name for module in iter_modules(cgid.__path__) if module.ispkg)
    hooks = [f"cgid.{room}.{HOOK}" for room in rooms if find_spec(f"cgid.{room}.{HOOK}")]
    return [kind for hook in hooks for kind in values_of(import_module(hook), "KIND")]
