"""Where two detectors agree and where they part: the table of both verdicts, kappa, and each image's outcome.

Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20.
"""

from __future__ import annotations

from typing import Any

import numpy as np

OUTCOMES = ("both_right", "only_a_wrong", "only_b_wrong", "both_wrong")


def outcomes(right_a: Any, right_b: Any) -> np.ndarray:
    """One of OUTCOMES per image, (n,), from whether each detector was right about it, (n,) bool."""
    a, b = np.asarray(right_a, dtype=bool), np.asarray(right_b, dtype=bool)
    return np.array(OUTCOMES, dtype=object)[2 * ~b + ~a]


def agreement(label: Any, called_a: Any, called_b: Any) -> dict[str, Any]:
    """{"real": {outcome: n}, "ai": {…}, "all": {…}, "agree": share, "kappa": Cohen's kappa of the two verdicts}.

    label: 0/1, (n,). called_a, called_b: whether each calls the image AI, (n,) bool. agree and kappa are None without
    images; kappa also where chance alone makes them agree always.
    """
    ai, a, b = (np.asarray(v).astype(bool) for v in (label, called_a, called_b))
    outcome = outcomes(a == ai, b == ai)
    table: dict[str, Any] = {
        name: {key: int(np.sum(outcome[which] == key)) for key in OUTCOMES}
        for name, which in (("real", ~ai), ("ai", ai), ("all", np.ones(len(ai), bool)))
    }
    if not len(ai):
        return table | {"agree": None, "kappa": None}
    same = float(np.mean(a == b))
    chance = float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean()))
    return table | {"agree": same, "kappa": (same - chance) / (1 - chance) if chance < 1 - 1e-12 else None}
