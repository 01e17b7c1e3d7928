"""cgid: forensic analysis of AI-generated images, and evaluation of their detectors.

    import cgid

    cgid.check("photo.jpg")                            one image: verdict, probability, evidence
    table = cgid.extract_features(["a.jpg", "b.jpg"])  a row per image, columns of forensic features
    cgid.audit(table, target="label")                  does a feature leak the label?
    cgid.ablate(table)                                 what remains without file format and metadata?
    cgid.evaluate(y_true, score, groups)               metrics with 95 % intervals
    cgid.load_run("artifacts/runs/model_a/NAME")       a trained run: metrics, thresholds, predictions, score(images)

Label 1 is AI, 0 is real; probabilities are P(AI) in 0..1. Invalid input raises `InputError`, a ValueError of one
sentence. Results have `frame()`, `plot()`, `to_dict()` and an HTML representation in notebooks. Imports are lazy.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cgid.api.ablate import AblationReport, ablate
    from cgid.api.audit import AuditReport, audit
    from cgid.api.check import CheckResult, check
    from cgid.api.evaluate import Metrics, evaluate
    from cgid.api.features import extract_features
    from cgid.api.run import Run, load_run
    from cgid.errors import InputError

__version__ = "0.1.0"
__all__ = [
    "AblationReport",
    "AuditReport",
    "CheckResult",
    "InputError",
    "Metrics",
    "Run",
    "ablate",
    "audit",
    "check",
    "evaluate",
    "extract_features",
    "load_run",
]
_MODULES = {
    "AblationReport": "cgid.api.ablate",
    "AuditReport": "cgid.api.audit",
    "CheckResult": "cgid.api.check",
    "InputError": "cgid.errors",
    "Metrics": "cgid.api.evaluate",
    "Run": "cgid.api.run",
    "ablate": "cgid.api.ablate",
    "audit": "cgid.api.audit",
    "check": "cgid.api.check",
    "evaluate": "cgid.api.evaluate",
    "extract_features": "cgid.api.features",
    "load_run": "cgid.api.run",
}
_CALLABLE_ROOMS = ("audit", "evaluate")


class _CallableRoom(ModuleType):
    """A package whose name is also a function of the library: `cgid.evaluate.metrics` is a module of it, and
    `cgid.evaluate(y_true, score)` calls the function."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.__wrapped__(*args, **options)

    @property
    def __wrapped__(self) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(_MODULES[name]), name)

    @property
    def __signature__(self) -> Any:
        from inspect import signature

        return signature(self.__wrapped__)


for _name in _CALLABLE_ROOMS:  # empty packages: cheap to import
    import_module(f"cgid.{_name}").__class__ = _CallableRoom


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'cgid' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
