"""Reads a run's robustness.json where it was measured with the very detector that lies in the run now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgid.files import read_json

FOLDER, FILE, TABLE = "robustness", "robustness.json", "robustness.csv"
FIGURES = ("auc", "balanced_accuracy", "false_positive_rate", "false_negative_rate")


def judged_by(manifest: Mapping[str, Any]) -> str:
    """sha256 of what gives a run's scores: its ONNX file, or the table of imported scores; "" where neither is known."""
    for key in ("onnx", "predictions"):
        block = manifest.get(key)
        if isinstance(block, Mapping) and block.get("sha256"):
            return str(block["sha256"])
    return ""


def measured(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """robustness.json of a run; {} where it was not measured, is damaged, or another detector was judged."""
    try:
        content = read_json(folder / FOLDER / FILE)
        points, kinds = content["points"], content["degradations"]
        whole = points[0]["tier"] == "clean" and all(_is_point(p) for p in points)
        named = all(
            all(isinstance(d[k], str) for k in ("name", "title", "unit"))
            and any(p["degradation"] == d["name"] and p["level"] is not None for p in points)
            for d in kinds
        )
        told = all(isinstance(s, str) for s in content["sentences"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}
    same = content.get("judged_by") == judged_by(manifest)
    return content if whole and named and told and same else {}


def _is_point(point: Mapping[str, Any]) -> bool:
    """Whether pages and the card can show it. Raises KeyError or TypeError where a part is missing."""
    numbers = [point[name][side] for name in FIGURES for side in ("value", "low", "high")] + [point["level"]]
    words = (point["tier"], point["degradation"], point["title"])
    counts = (point["n"], point["groups"], point["threshold"])
    return (
        all(x is None or isinstance(x, int | float) for x in numbers)
        and all(isinstance(x, str) for x in words)
        and all(isinstance(x, int | float) for x in counts)
    )
