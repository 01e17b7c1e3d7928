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
        points = content["points"]
        whole = points[0]["tier"] == "clean" and all(
            isinstance(p["title"], str) and {"value", "low", "high"} <= set(p[name]) and isinstance(p["n"], int)
            for p in points
            for name in FIGURES
        )
        named = all({"name", "title", "unit", "falling"} <= set(d) for d in content["degradations"])
        told = all(isinstance(s, str) for s in content["sentences"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}
    same = content.get("judged_by") == judged_by(manifest)
    return content if whole and named and told and same else {}
