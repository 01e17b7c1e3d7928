"""What a kind of background job is: a plain step, its parameters, and which files go in and come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class JobKind:
    """A file in `pipelines/kinds/` that holds `KINDS = (JobKind(…), …)` adds verbs to the command line and jobs to pages.

    name: as stored in the database, e.g. `train-model-a`.
    verb: words of the command line, e.g. `("data", "scan")`.
    title, help: for people.
    params: frozen dataclass made with `cgid.params.arg`; its module imports nothing heavy.
    run: `module:function` of the step `fn(params, report) -> dict`, imported only where it runs.
    inputs, outputs: parameters -> files or folders read / made. Inputs enter the cache key by content; a done job
        counts only while its outputs exist.
    slot: `cpu` or `gpu`, or a function of the parameters.
    version: raise it when the same parameters would give another result.
    stamp: what else the work depends on, as text (the images a manifest lists). Not asked where a job that must be done
        first makes the inputs: its key says it all.
    always: the result depends on more than parameters and inputs, or is no file: a done job never stands in for it.
    """

    name: str
    verb: tuple[str, ...]
    title: str
    help: str
    params: type
    run: str
    inputs: Callable[[Any], Sequence[Path]]
    outputs: Callable[[Any], Sequence[Path]]
    slot: str | Callable[[Any], str] = "cpu"
    version: int = 1
    stamp: Callable[[Any], str] | None = None
    always: bool = False

    def function(self) -> Callable[..., dict]:
        """Import the step. Everything heavy happens here."""
        module, name = self.run.split(":")
        return getattr(import_module(module), name)

    def slot_of(self, params: Any) -> str:
        return self.slot if isinstance(self.slot, str) else self.slot(params)
