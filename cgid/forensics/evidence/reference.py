"""How the features lie in the training data of the Model B that answered, as its run keeps it; {} where it keeps none.

Without Model B there is nothing to compare with: Model A alone learned from pixels, no table of features lies beside it.

The models that gave an answer, so that what lies beside them (error rates, training data, maps) is theirs.
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
from cgid.evaluate.class_distribution import Neighbours, Spread
from cgid.forensics.models import Models


def answering(found: Mapping[str, Any]) -> Models | None:
    """The models of a check's object; None where they are not to be had any more, or others are current by now.

    `found["models"]["chosen"]` says which ones a person chose; without it the current ones answered.
    """
    from cgid.forensics.model_choice import Choice, chosen_models

    about = found.get("models") or {}
    chosen = about.get("chosen") or {}
    try:
        models = chosen_models(Choice(*(str(chosen.get(name) or "") for name in ("model_a", "model_b"))))
    except InputError:
        return None
    for name, run in (("model_a", models.run_a), ("model_b", models.run_b)):
        said = found.get(name)
        if said and (run is None or run.id != said.get("run")):
            return None
    return models


FILE = "reference.json"
FORMAT = 1
MOST_BYTES = 8_000_000
NOTHING: Mapping[str, Any] = MappingProxyType({})


def load(folder: Path | str) -> Mapping[str, Any]:
    """{"rows": {"real", "ai"}, "groups": {"real", "ai"}, "features": {column: block}}; {} where the run kept none or the file
    is broken. A block holds "spread" (Spread), "missing", "independent" (real, ai) and "auc" (value, low, high; NaN
    where undefined); what is broken in one feature costs that feature alone."""
    path = Path(folder) / FILE
    try:
        stat = path.stat()
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return NOTHING


def of_found(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reference of the Model B that gave this answer; {} where there is none or it is not to be had any more."""
    if not found.get("model_b"):
        return NOTHING
    models = answering(found)
    return load(models.run_b.folder) if models is not None and models.run_b is not None else NOTHING


def foreign(found: Mapping[str, Any]) -> bool:
    """The models learned from simulated data and this picture is none of it: nothing they say is a finding."""
    about = found.get("models") or {}
    if "foreign" in about:
        return bool(about["foreign"])
    return bool(about.get("simulated")) and found.get("sha256") not in demo_images()


def neighbours(reference: Mapping[str, Any], column: str, value: float | None) -> Neighbours | None:
    """Training images with nearly this value; None where the value or a class is missing or it lies outside them all."""
    block = (reference.get("features") or {}).get(column)
    if block is None or value is None or not math.isfinite(value):
        return None
    spread: Spread = block["spread"]
    if not spread.both or spread.outside(value):
        return None
    return spread.neighbours(value, independent=block["independent"])


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, size: int) -> Mapping[str, Any]:
    if size > MOST_BYTES:
        return NOTHING
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return NOTHING
        rows, groups = ({k: int(content[name][k]) for k in ("real", "ai")} for name in ("rows", "groups"))
        blocks = dict(content["features"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return NOTHING
    features = {str(column): block for column, raw in blocks.items() if (block := _block(raw)) is not None}
    return MappingProxyType({"rows": rows, "groups": groups, "features": features})


def _block(raw: Any) -> dict[str, Any] | None:
    try:
        worth = tuple(min(max(float(v), 1e-6), 1.0) for v in raw["independent"])
        auc = {name: _number(raw["auc"].get(name)) for name in ("value", "low", "high")}
        missing = {name: int(raw["missing"][name]) for name in ("real", "ai")}
        if len(worth) != 2 or not all(map(math.isfinite, worth)):
            return None
        return {"spread": Spread.from_json(raw), "missing": missing, "independent": worth, "auc": auc}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else math.nan
