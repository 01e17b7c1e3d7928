"""Versions behind an answer: program, features, libraries and exact models, so that it can be reproduced."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any

from cgid import __version__
from cgid.artifacts import MODEL_B, MODEL_B_ESTIMATOR, ONNX_MODEL
from cgid.files import cached_sha256
from cgid.forensics.models import Models, current_models

RECORD_VERSION = 1  # raise when keys of the record change their meaning
LIBRARIES = (
    *("c2pa-python", "numpy", "onnxruntime", "opencv-python-headless", "pillow"),
    *("pillow-heif", "scikit-learn", "scipy"),
)
WEIGHTS_B = (MODEL_B, MODEL_B_ESTIMATOR)


def versions(models: Models | None = None) -> dict[str, Any]:
    """{"record", "cgid", "python", "libraries": {name: version}, "feature_groups": {key: version}, "models":
    {"model_a", "model_b": {"run", "weights": {file: sha256}}}}. models: the current ones by default.
    """
    models = models or current_models()
    return {**_program(), "models": {"model_a": _model_a(models), "model_b": _model_b(models)}}


def versions_of(check: Mapping[str, Any]) -> dict[str, Any]:
    """As `versions`, for an answer just given; weights are listed only where the run that answered is the current one."""
    result, models = versions(), check.get("models") or {}
    for kind, run in result["models"].items():
        run_used = (models.get(kind) or {}).get("run")
        if run_used != (run or {}).get("run"):
            result["models"][kind] = {"run": run_used, "weights": {}} if run_used else None
    return result


@cache
def _program() -> dict[str, Any]:
    from cgid.features.registry import all_groups

    return {
        "record": RECORD_VERSION,
        "cgid": __version__,
        "python": platform.python_version(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
        "feature_groups": {key: group.version for key, group in sorted(all_groups().items())},
    }


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _model_a(models: Models) -> dict[str, Any] | None:
    if models.run_a is None or models.network is None:
        return None
    loose = models.run_a.id.lower().endswith(".onnx")  # a single file without a run's folder
    return {"run": models.run_a.id, "weights": {models.run_a.id if loose else ONNX_MODEL: models.network.sha256}}


def _model_b(models: Models) -> dict[str, Any] | None:
    if models.run_b is None:
        return None
    files = [models.run_b.folder / name for name in WEIGHTS_B]
    return {"run": models.run_b.id, "weights": {f.name: cached_sha256(f) for f in files if f.is_file()}}
