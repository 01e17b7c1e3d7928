"""The models behind an answer, and the feature distributions in the training data of their Model B.

Without Model B there is nothing to compare with: Model A is trained on pixels, and its run stores no feature table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cgid.artifacts import demo_images
from cgid.errors import InputError
from cgid.evaluate.class_distribution import ClassDistribution, NearestValues
from cgid.forensics.models import Models


def answering_models(check: Mapping[str, Any]) -> Models | None:
    """The models that produced a check; None where they are no longer available, or others are current by now.

    `check["models"]["chosen"]` names those that the user selected; without it the current models answered.
    """
    from cgid.forensics.model_choice import Choice, chosen_models

    used = check.get("models") or {}
    chosen = used.get("chosen") or {}
    try:
        models = chosen_models(Choice(*(str(chosen.get(name) or "") for name in ("model_a", "model_b"))))
    except InputError:
        return None
    for name, run in (("model_a", models.run_a), ("model_b", models.run_b)):
        answer = check.get(name)
        if answer and (run is None or run.id != answer.get("run")):
            return None
    return models


REFERENCE_FILE = "reference.json"
FORMAT = 1
MAX_REFERENCE_BYTES = 8_000_000
EMPTY: Mapping[str, Any] = MappingProxyType({})


def load(folder: Path | str) -> Mapping[str, Any]:
    """{"rows": {"real", "ai"}, "groups": {"real", "ai"}, "features": {column: block}}; {} where the run stored none or
    the file is damaged. A block holds "spread" (Spread), "missing", "independent" (real, ai) and "auc" (value, low,
    high; NaN where undefined); damage in one feature costs that feature alone.
    """
    path = Path(folder) / REFERENCE_FILE
    try:
        stat = path.stat()
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return EMPTY


def reference_of(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reference data of the Model B that answered; {} where there is none or it is no longer available."""
    if not check.get("model_b"):
        return EMPTY
    models = answering_models(check)
    return load(models.run_b.folder) if models is not None and models.run_b is not None else EMPTY


def out_of_domain(check: Mapping[str, Any]) -> bool:
    """Whether the models were trained on simulated data and this image is not part of it, so that their answer is no
    finding.
    """
    models = check.get("models") or {}
    if "foreign" in models:
        return bool(models["foreign"])
    return bool(models.get("simulated")) and check.get("sha256") not in demo_images()


def neighbours(reference: Mapping[str, Any], column: str, value: float | None) -> NearestValues | None:
    """Training images with the nearest values; None where the value or a class is missing, or the value is out of
    range.
    """
    block = (reference.get("features") or {}).get(column)
    if block is None or value is None or not math.isfinite(value):
        return None
    spread: ClassDistribution = block["spread"]
    if not spread.both or spread.outside(value):
        return None
    return spread.neighbours(value, independent=block["independent"])


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, size: int) -> Mapping[str, Any]:
    if size > MAX_REFERENCE_BYTES:
        return EMPTY
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return EMPTY
        rows, groups = ({k: int(content[name][k]) for k in ("real", "ai")} for name in ("rows", "groups"))
        blocks = dict(content["features"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return EMPTY
    features = {str(column): block for column, raw in blocks.items() if (block := _block(raw)) is not None}
    return MappingProxyType({"rows": rows, "groups": groups, "features": features})


def _block(raw: Any) -> dict[str, Any] | None:
    try:
        independent = tuple(min(max(float(v), 1e-6), 1.0) for v in raw["independent"])
        auc = {name: _number(raw["auc"].get(name)) for name in ("value", "low", "high")}
        missing = {name: int(raw["missing"][name]) for name in ("real", "ai")}
        if len(independent) != 2 or not all(map(math.isfinite, independent)):
            return None
        return {"spread": ClassDistribution.from_json(raw), "missing": missing, "independent": independent, "auc": auc}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else math.nan
