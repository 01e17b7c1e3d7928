"""What Model A, the network that sees nothing but pixels, says: its probability, how often it is wrong, where it looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.features.registry import all_groups
from cgid.forensics.evidence.answering import answering
from cgid.forensics.evidence.model_words import facts, number, opinion, strength
from cgid.forensics.evidence.piece import Evidence, Kind, Material
from cgid.forensics.evidence.reference import foreign
from cgid.forensics.looked import KEY

LEAST, MOST = 0.42, 0.7
COLUMN = "ml_probability"
KNOWN = " It was trained on this very picture, so its word counts for little."


def find(material: Material) -> list[Evidence]:
    """One piece where Model A answered."""
    said: Mapping[str, Any] | None = material.found.get("model_a")
    if not said:
        return []
    elsewhere, known = foreign(material.found), bool(said.get("trained_on"))
    weight, side = strength(said, LEAST, MOST)
    if elsewhere or known:
        weight, side = 0.0 if elsewhere else 0.05, "neither"
    models = answering(material.found)
    thresholds = models.thresholds_a if models else None
    return [
        Evidence(
            key="model_a",
            title="Model A, a network that looks at pixels",
            sentence=opinion("Model A", said, elsewhere) + (KNOWN if known else ""),
            strength=weight,
            points_to=side,
            fooled_by=all_groups()["model_a"].weakness + " Re-saving, resizing and crops change what it sees.",
            number=number(said),
            feature=COLUMN if COLUMN in (material.reference.get("features") or {}) else "",
            maps=(KEY,) if models and models.network is not None else (),
            rows=facts(said, None if elsewhere or thresholds is None else thresholds.error_rates),
            source="Where it looked: occlusion, Zeiler and Fergus, ECCV 2014",
        )
    ]


KIND = Kind("model_a", find)
