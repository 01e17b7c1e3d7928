"""The verdict on an image from all evidence.

Order: (1) valid content credentials or generator metadata that declare AI; (2) a generator's watermark; (3) Model B's
calibrated probability against its inconclusive range; (4) that of Model A. Rules alone never lead to a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cgid.forensics.agreement import RULES_POINT_TO_AI, weight_for_ai
from cgid.formatting import VERDICT_TEXT
from cgid.formatting import probability as format_probability
from cgid.schema import ModelAnswer, RuleResult

NO_MODEL = (
    "No model has been trained and promoted yet, so only the metadata and the rules were evaluated, which is not enough "
    "for a verdict."
)
SIMULATED = "The current models were trained on simulated demo images; treat this as a demonstration, not as a finding."
OUT_OF_DOMAIN = (
    "The current models were trained on simulated demo images only, and this image is not one of those, so their answer "
    "is no finding. Train and promote models on real data for a verdict."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """verdict: one of `WORDS`. reason: sentences. probability: calibrated P(ai) of the deciding model. decided_by:
    `provenance`, `watermark`, `model_b`, `model_a` or ``. why: the most important sentence of `reason`."""

    verdict: str
    reason: str
    probability: float | None = None
    decided_by: str = ""
    why: str = ""


def decide(
    provenance: Mapping[str, Any],
    model_a: ModelAnswer | None,
    model_b: ModelAnswer | None,
    rules: RuleResult,
    *,
    simulated: bool = False,
    out_of_domain: bool = False,
    problems: Sequence[str] = (),
    error_rates: Mapping[str, Any] | None = None,
) -> Verdict:
    """provenance: as `provenance` gives it. model_a, model_b: None where there is none, or no number. error_rates: of
    the model that would decide, as in thresholds.json. out_of_domain: the models are simulated and the image is not one
    of the demo's: their answers are shown and decide nothing.
    """
    name, model = ("model_b", model_b) if model_b else ("model_a", model_a) if model_a else ("", None)
    probability = float(model.probability) if model and not out_of_domain else None
    aside = "" if simulated else _aside(name, model)  # models of simulated data do not count next to hard evidence
    if provenance.get("declares"):
        return Verdict("declared_ai", _join([provenance["by"], aside]), probability, "provenance", provenance["by"])
    if any(hit.code == "watermark" for hit in rules.hits):
        mark = "The invisible watermark of an image generator is in the pixels."
        return Verdict("likely_ai", _join([mark, aside]), probability, "watermark", mark)
    statement = _join(provenance.get("statements", ())[:2])
    if model is None:
        heavy = [hit.reason for hit in rules.hits if not hit.code.startswith("credentials")][:3]
        noted = "Noted, but not decisive: " + " ".join(heavy) if heavy else "No rule fired."
        unusable = " ".join(problems)
        return Verdict("inconclusive", _join([unusable or NO_MODEL, noted, statement]), why=unusable or NO_MODEL)
    if out_of_domain:
        would = f"For the record, {_title(name)} would answer {VERDICT_TEXT[model.verdict]}."
        return Verdict("inconclusive", _join([OUT_OF_DOMAIN, would, statement, *problems]), why=OUT_OF_DOMAIN)
    why = _decision(name, model)
    reason = [SIMULATED if simulated else "", why, _how_often(model.verdict, error_rates)]
    reason += [_disagreement(name, model, model_a, rules), _learned(model_a), statement, *problems]
    return Verdict(model.verdict, _join(reason), probability, name, why)


def _title(name: str) -> str:
    return {"model_a": "Model A (the image network)", "model_b": "Model B (the fusion of all evidence)"}[name]


def _decision(name: str, model: ModelAnswer) -> str:
    p, low, high = float(model.probability), float(model.abstain_low), float(model.abstain_high)
    opening = f"{_title(name)} gives a calibrated probability of {format_probability(p)} for AI"
    if model.verdict == "likely_ai":
        return f"{opening}, at or above the threshold of {format_probability(high)} for likely AI."
    if model.verdict == "likely_real":
        return f"{opening}, below the threshold of {format_probability(low)} for likely real."
    upper = (
        f"{format_probability(high)}"
        if high <= 1
        else "any probability, since there were too few images to calibrate a threshold for AI"
    )
    return f"{opening}, inside its inconclusive range ({format_probability(low)} to {upper})."


def _aside(name: str, model: ModelAnswer | None) -> str:
    """The answer of the models alone, where stronger evidence decided."""
    if model is None:
        return ""
    return f"From the pixels alone, {_title(name)} would answer {VERDICT_TEXT[model.verdict]}."


def _disagreement(name: str, model: ModelAnswer, model_a: ModelAnswer | None, rules: RuleResult) -> str:
    against = []
    if name == "model_b" and model_a and model_a.verdict != model.verdict:
        against.append(f"Model A alone would answer {VERDICT_TEXT[model_a.verdict]}")
    if weight_for_ai(rules.hits) >= RULES_POINT_TO_AI and model.verdict != "likely_ai":
        against.append("the rules point to AI")
    return "Disagreement: " + " and ".join(against) + "." if against else ""


def _learned(model_a: ModelAnswer | None) -> str:
    if model_a and model_a.trained_on:
        return "Model A was trained on this exact image, so its answer carries little weight here."
    return ""


def _how_often(verdict: str, rates: Mapping[str, Any] | None) -> str:
    """The error rate of this verdict on the model's own test images."""
    key, what = {
        "likely_ai": ("likely_ai_wrong", "real photos wrongly classified as AI"),
        "likely_real": ("likely_real_wrong", "AI images wrongly classified as real"),
    }.get(verdict, ("", ""))
    rate = (rates or {}).get(key)
    if not isinstance(rate, Mapping) or rate.get("value") is None:
        return ""
    interval = (
        f", interval {format_probability(rate['low'])} to {format_probability(rate['high'])}"
        if rate.get("low") is not None
        else ""
    )
    return f"On its test images the rate of {what} was {format_probability(rate['value'])} (of {rate.get('n', '?')}{interval})."


def _join(sentences: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(s for s in sentences if s))
