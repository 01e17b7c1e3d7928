"""What Model B, the learned fusion of all evidence, says, and which numbers moved it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.features.registry import all_groups
from cgid.forensics.evidence.answering import answering
from cgid.forensics.evidence.model_words import facts, number, opinion, strength
from cgid.forensics.evidence.piece import Evidence, Kind, Material
from cgid.forensics.evidence.reference import foreign

LEAST, MOST = 0.5, 0.85
WEAKNESS = (
    "It knows the generators, cameras and ways of saving of its training data only; a resize or a strong re-save moves "
    "the numbers it reads."
)
CITE = "This program's own fusion; contributions: Lundberg and Lee 2017 for trees, weight times distance for linear models."


def find(material: Material) -> list[Evidence]:
    """One piece where Model B answered."""
    said: Mapping[str, Any] | None = material.found.get("model_b")
    if not said:
        return []
    elsewhere = foreign(material.found)
    weight, side = strength(said, LEAST, MOST)
    if elsewhere:
        weight, side = 0.0, "neither"
    models = answering(material.found)
    thresholds = models.thresholds_b if models else None
    rows = facts(said, None if elsewhere or thresholds is None else thresholds.error_rates)
    moved = [p for p in said.get("contributions") or () if p.get("contribution")][:3]
    if moved:
        rows += (("What moved it most", ", ".join(_named(p) for p in moved)),)
    return [
        Evidence(
            key="model_b",
            title="Model B, which weighs forensic features",
            sentence=opinion("Model B", said, elsewhere),
            strength=weight,
            points_to=side,
            fooled_by=WEAKNESS,
            number=number(said),
            rows=rows,
            source=CITE,
        )
    ]


def _named(part: Mapping[str, Any]) -> str:
    column = str(part["feature"])
    titles = {g.column(f.name): f.title for g in all_groups().values() for f in g.features}
    return f"{titles.get(column, column)} (towards {'AI' if part['contribution'] > 0 else 'real'})"


KIND = Kind("model_b", find)
