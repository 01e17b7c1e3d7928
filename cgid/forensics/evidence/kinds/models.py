"""What Model A, the network that sees nothing but pixels, says: its probability, how often it is wrong, where it looked.

What Model B, the learned fusion of all evidence, says, and which numbers moved it.

How a model's answer is put into words and weighed, the same for Model A and Model B.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid import formatting
from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.evidence.reference import answering, foreign
from cgid.forensics.maps import KEY
from cgid.formatting import WORDS
from cgid.schema import PointsTo, side_of

UNKNOWN = " It learned from simulated images only, and this picture is none of them, so that is no finding."


def opinion(name: str, said: Mapping[str, Any], elsewhere: bool) -> str:
    """`Model A gives a calibrated probability of 87 % for AI: likely AI.`"""
    verdict = WORDS.get(str(said["verdict"]), "inconclusive")
    return f"{name} gives a calibrated probability of {number(said)} for AI: {verdict}." + (
        UNKNOWN if elsewhere else ""
    )


def number(said: Mapping[str, Any]) -> str:
    """Its calibrated probability."""
    return formatting.probability(said["probability"])


def strength(said: Mapping[str, Any], least: float, most: float) -> tuple[float, str]:
    """(strength, points to): from `least`, inside its inconclusive band, to `most` where it is certain."""
    side = side_of(said["verdict"]).value
    if side == PointsTo.NEITHER:
        return least, side
    return least + (most - least) * min(abs(float(said["probability"]) - 0.5) * 2, 1.0), side


def facts(said: Mapping[str, Any], rates: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """The band, and how often its verdicts were wrong on its own test images."""
    band = said.get("band") or {}
    rows = []
    if {"low", "high"} <= set(band):
        low, high = max(0.0, float(band["low"])), float(band["high"])
        upper = f"{100 * high:.0f} %" if high <= 1 else "any probability (too few images to accuse one)"
        rows.append(("Inconclusive from", f"{100 * low:.0f} % to {upper}"))
    for key, what in (
        ("likely_ai_wrong", "Real test photos it called AI"),
        ("likely_real_wrong", "AI test images it called real"),
    ):
        figure = (rates or {}).get(key)
        if isinstance(figure, Mapping) and figure.get("value") is not None:
            rows.append((what, _share(figure)))
    rows.append(("Run", str(said.get("run") or "")[:80]))
    return tuple(rows)


def _share(figure: Mapping[str, Any]) -> str:
    text = f"{100 * float(figure['value']):.0f} % of {figure.get('n', '?')}"
    if figure.get("low") is None or figure.get("high") is None:
        return f"{text} (no interval)"
    return f"{text} (95 % interval {100 * float(figure['low']):.0f} to {100 * float(figure['high']):.0f} %)"


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


MODEL_A = Kind("model_a", find)


MIN_STRENGTH_B, MAX_STRENGTH_B = 0.5, 0.85
WEAKNESS = (
    "It knows the generators, cameras and ways of saving of its training data only; a resize or a strong re-save moves "
    "the numbers it reads."
)
CITE = "This program's own fusion; contributions: Lundberg and Lee 2017 for trees, weight times distance for linear models."


def find_model_b(material: Material) -> list[Evidence]:
    """One piece where Model B answered."""
    said: Mapping[str, Any] | None = material.found.get("model_b")
    if not said:
        return []
    elsewhere = foreign(material.found)
    weight, side = strength(said, MIN_STRENGTH_B, MAX_STRENGTH_B)
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


MODEL_B = Kind("model_b", find_model_b)

KINDS = (
    MODEL_A,
    MODEL_B,
)
