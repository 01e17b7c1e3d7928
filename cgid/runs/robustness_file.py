"""Reads a run's robustness.json, if it was measured with the same detector that is in the run now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgid.files import read_json

FOLDER, FILE, TABLE = "robustness", "robustness.json", "robustness.csv"
METRICS = ("auc", "balanced_accuracy", "false_positive_rate", "false_negative_rate")


def scores_sha256(manifest: Mapping[str, Any]) -> str:
    """sha256 of the source of a run's scores: its ONNX file, or the table of imported scores; "" where neither is
    known."""
    for key in ("onnx", "predictions"):
        block = manifest.get(key)
        if isinstance(block, Mapping) and block.get("sha256"):
            return str(block["sha256"])
    return ""


def read_robustness(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """robustness.json of a run; {} where it was not measured, is damaged, or belongs to another detector."""
    try:
        content = read_json(folder / FOLDER / FILE)
        points, kinds = content["points"], content["degradations"]
        complete = points[0]["tier"] == "clean" and all(_is_point(p) for p in points)
        named = all(
            all(isinstance(d[k], str) for k in ("name", "title", "unit"))
            and any(p["degradation"] == d["name"] and p["level"] is not None for p in points)
            for d in kinds
        )
        described = all(isinstance(s, str) for s in content["sentences"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}
    same_detector = content.get("judged_by") == scores_sha256(manifest)
    return content if complete and named and described and same_detector else {}


def _is_point(point: Mapping[str, Any]) -> bool:
    """Whether pages and the card can show it. Raises KeyError or TypeError where a part is missing."""
    numbers = [point[name][side] for name in METRICS for side in ("value", "low", "high")] + [point["level"]]
    texts = (point["tier"], point["degradation"], point["title"])
    counts = (point["n"], point["groups"], point["threshold"])
    return (
        all(x is None or isinstance(x, int | float) for x in numbers)
        and all(isinstance(x, str) for x in texts)
        and all(isinstance(x, int | float) for x in counts)
    )
