"""Evidence: the answers of Model A (network on pixels) and Model B (fusion of all features), with their error rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid import formatting
from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.evidence.reference import answering_models, out_of_domain
from cgid.forensics.maps import OCCLUSION_KEY
from cgid.formatting import VERDICT_TEXT
from cgid.schema import PointsTo, side_of

OUT_OF_DOMAIN = " It was trained on simulated images only, and this image is not one of them, so that is no finding."


def describe_answer(name: str, answer: Mapping[str, Any], external: bool) -> str:
    """`Model A gives a calibrated probability of 87 % for AI: likely AI.`"""
    verdict = VERDICT_TEXT.get(str(answer["verdict"]), "inconclusive")
    return f"{name} gives a calibrated probability of {number(answer)} for AI: {verdict}." + (
        OUT_OF_DOMAIN if external else ""
    )


def number(answer: Mapping[str, Any]) -> str:
    """Its calibrated probability, as text."""
    return formatting.probability(answer["probability"])


def strength(answer: Mapping[str, Any], minimum: float, maximum: float) -> tuple[float, str]:
    """(strength, points to): from `minimum`, inside the inconclusive range, to `maximum` at full certainty."""
    side = side_of(answer["verdict"]).value
    if side == PointsTo.NEITHER:
        return minimum, side
    return minimum + (maximum - minimum) * min(abs(float(answer["probability"]) - 0.5) * 2, 1.0), side


def facts(answer: Mapping[str, Any], rates: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """(label, text): the inconclusive range, and the error rates of its verdicts on its own test images."""
    band = answer.get("band") or {}
    rows = []
    if {"low", "high"} <= set(band):
        low, high = max(0.0, float(band["low"])), float(band["high"])
        upper = (
            f"{100 * high:.0f} %" if high <= 1 else "any probability (too few images to calibrate a threshold for AI)"
        )
        rows.append(("Inconclusive range", f"{100 * low:.0f} % to {upper}"))
    for key, what in (
        ("likely_ai_wrong", "Real test photos classified as AI"),
        ("likely_real_wrong", "AI test images classified as real"),
    ):
        rate = (rates or {}).get(key)
        if isinstance(rate, Mapping) and rate.get("value") is not None:
            rows.append((what, _rate(rate)))
    rows.append(("Run", str(answer.get("run") or "")[:80]))
    return tuple(rows)


def _rate(rate: Mapping[str, Any]) -> str:
    text = f"{100 * float(rate['value']):.0f} % of {rate.get('n', '?')}"
    if rate.get("low") is None or rate.get("high") is None:
        return f"{text} (no interval)"
    return f"{text} (95 % interval {100 * float(rate['low']):.0f} to {100 * float(rate['high']):.0f} %)"


MIN_STRENGTH_A, MAX_STRENGTH_A = 0.42, 0.7
COLUMN = "ml_probability"
TRAINED_ON = " It was trained on this exact image, so its answer carries little weight."


def find_model_a(material: Material) -> list[Evidence]:
    """One finding where Model A answered."""
    answer: Mapping[str, Any] | None = material.check.get("model_a")
    if not answer:
        return []
    external, trained_on = out_of_domain(material.check), bool(answer.get("trained_on"))
    weight, side = strength(answer, MIN_STRENGTH_A, MAX_STRENGTH_A)
    if external or trained_on:
        weight, side = 0.0 if external else 0.05, "neither"
    models = answering_models(material.check)
    thresholds = models.thresholds_a if models else None
    return [
        Evidence(
            key="model_a",
            title="Model A, a network on pixels",
            sentence=describe_answer("Model A", answer, external) + (TRAINED_ON if trained_on else ""),
            strength=weight,
            points_to=side,
            limitations=all_groups()["model_a"].weakness + " Recompression, resizing and cropping change its input.",
            number=number(answer),
            feature=COLUMN if COLUMN in (material.reference.get("features") or {}) else "",
            maps=(OCCLUSION_KEY,) if models and models.network is not None else (),
            rows=facts(answer, None if external or thresholds is None else thresholds.error_rates),
            source="Occlusion map: Zeiler and Fergus, ECCV 2014",
        )
    ]


MODEL_A = Kind("model_a", find_model_a)


MIN_STRENGTH_B, MAX_STRENGTH_B = 0.5, 0.85
LIMITATIONS_B = (
    "It knows only the generators, cameras and file formats of its training data; resizing or strong recompression "
    "changes the features it uses."
)
SOURCE_B = "cgid's own fusion model; contributions: Lundberg and Lee 2017 for trees, weight times standardised value for linear models."


def find_model_b(material: Material) -> list[Evidence]:
    """One finding where Model B answered."""
    answer: Mapping[str, Any] | None = material.check.get("model_b")
    if not answer:
        return []
    external = out_of_domain(material.check)
    weight, side = strength(answer, MIN_STRENGTH_B, MAX_STRENGTH_B)
    if external:
        weight, side = 0.0, "neither"
    models = answering_models(material.check)
    thresholds = models.thresholds_b if models else None
    rows = facts(answer, None if external or thresholds is None else thresholds.error_rates)
    largest = [p for p in answer.get("contributions") or () if p.get("contribution")][:3]
    if largest:
        rows += (("Largest contributions", ", ".join(_named(p) for p in largest)),)
    return [
        Evidence(
            key="model_b",
            title="Model B, a fusion of forensic features",
            sentence=describe_answer("Model B", answer, external),
            strength=weight,
            points_to=side,
            limitations=LIMITATIONS_B,
            number=number(answer),
            rows=rows,
            source=SOURCE_B,
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
