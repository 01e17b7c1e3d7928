"""Says of a finished audit whether training with the usual gate would refuse the data, and because of which family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.evaluate import figure_words
from cgid.train.gate import FAMILIES, USUAL


def gate_words(families: Mapping[str, Mapping[str, Any]], gate: float = USUAL) -> tuple[bool | None, str]:
    """(would it be refused, a sentence). families: those of `feature_leakage_summary.json`. None: nothing was asked."""
    asked = {
        name: families[name]["balanced_accuracy"]
        for name in FAMILIES
        if (families.get(name) or {}).get("balanced_accuracy", {}).get("value") is not None
    }
    if not asked:
        return None, "The gate cannot be asked: no format or metadata feature, or too few independent images."
    shut = {n: f for n, f in asked.items() if f["value"] > gate}
    said = ", ".join(f"{name} {figure_words.decimal(figure)}" for name, figure in (shut or asked).items())
    if shut:
        return True, f"A gate of {gate:.2f} would refuse this data: {said}."
    return False, f"A gate of {gate:.2f} would let this data pass: {said}."
