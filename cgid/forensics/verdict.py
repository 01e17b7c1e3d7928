"""From evidence to one verdict in words: what the file declares, else the models, else nothing but honesty.

Order: (1) credentials that fit the picture, or a generator's own traces, that declare AI; (2) a generator's watermark;
(3) Model B's calibrated probability against its inconclusive band; (4) Model A's. Rules alone never accuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cgid.forensics.agreement import RULES_POINT_TO_AI, weight_for_ai
from cgid.formatting import WORDS
from cgid.formatting import probability as in_words

NO_MODEL = (
    "No model has been trained and promoted yet, so only the file's own statements and the rules were looked at, "
    "and they cannot tell."
)
SIMULATED = "The current models learned from simulated demo images; treat this as a demonstration, not as a finding."
FOREIGN = (
    "The current models learned from simulated demo images only, and this picture is not one of those, so what they say "
    "about it is no finding. Train and promote models on real data for a verdict."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """verdict: one of `WORDS`. reason: sentences. probability: calibrated P(ai) of the deciding model. decided_by:
    `provenance`, `watermark`, `model_b`, `model_a` or ``. why: the one sentence of `reason` that tells most."""

    verdict: str
    reason: str
    probability: float | None = None
    decided_by: str = ""
    why: str = ""


def decide(
    provenance: Mapping[str, Any],
    model_a: Mapping[str, Any] | None,
    model_b: Mapping[str, Any] | None,
    rules: Mapping[str, Any],
    *,
    simulated: bool = False,
    foreign: bool = False,
    problems: Sequence[str] = (),
    error_rates: Mapping[str, Any] | None = None,
) -> Verdict:
    """model_a, model_b: {"probability", "verdict", "band"} or None. rules: {"score", "fired": [{"code", "reason"}]}.
    error_rates: of the model that would decide, as in thresholds.json. foreign: the models are simulated and the image
    is none of the demo's: they are quoted and decide nothing."""
    name, model = ("model_b", model_b) if model_b else ("model_a", model_a) if model_a else ("", None)
    probability = float(model["probability"]) if model and not foreign else None
    aside = "" if simulated else _aside(name, model)  # models of simulated data have no say beside hard evidence
    if provenance.get("declares"):
        return Verdict("declared_ai", _join([provenance["by"], aside]), probability, "provenance", provenance["by"])
    if any(f["code"] == "watermark" for f in rules.get("fired", ())):
        mark = "The invisible watermark of an image generator is in the pixels."
        return Verdict("likely_ai", _join([mark, aside]), probability, "watermark", mark)
    statement = _join(provenance.get("statements", ())[:2])
    if model is None:
        heavy = [f["reason"] for f in rules.get("fired", ()) if not f["code"].startswith("credentials")][:3]
        noted = "Noted, without deciding: " + " ".join(heavy) if heavy else "No rule fired."
        unusable = " ".join(problems)
        return Verdict("inconclusive", _join([unusable or NO_MODEL, noted, statement]), why=unusable or NO_MODEL)
    if foreign:
        would = f"For the record, {_title(name)} would say {WORDS[model['verdict']]}."
        return Verdict("inconclusive", _join([FOREIGN, would, statement, *problems]), why=FOREIGN)
    why = _decision(name, model)
    reason = [SIMULATED if simulated else "", why, _how_often(model["verdict"], error_rates)]
    reason += [_disagreement(name, model, model_a, rules), _learned(model_a), statement, *problems]
    return Verdict(model["verdict"], _join(reason), probability, name, why)


def _title(name: str) -> str:
    return {"model_a": "Model A (the image network)", "model_b": "Model B (the fusion of all evidence)"}[name]


def _decision(name: str, model: Mapping[str, Any]) -> str:
    p, low, high = float(model["probability"]), float(model["band"]["low"]), float(model["band"]["high"])
    said = f"{_title(name)} gives a calibrated probability of {in_words(p)} for AI"
    if model["verdict"] == "likely_ai":
        return f"{said}, at or above the {in_words(high)} from which it says likely AI."
    if model["verdict"] == "likely_real":
        return f"{said}, below the {in_words(low)} under which it says likely real."
    upper = (
        f"{in_words(high)}" if high <= 1 else "any probability, since it was calibrated on too few images to accuse one"
    )
    return f"{said}, inside its inconclusive band ({in_words(low)} to {upper})."


def _aside(name: str, model: Mapping[str, Any] | None) -> str:
    """What the models alone would have said, where something stronger decided."""
    if model is None:
        return ""
    return f"From the pixels alone, {_title(name)} would say {WORDS[model['verdict']]}."


def _disagreement(
    name: str, model: Mapping[str, Any], model_a: Mapping[str, Any] | None, rules: Mapping[str, Any]
) -> str:
    against = []
    if name == "model_b" and model_a and model_a["verdict"] != model["verdict"]:
        against.append(f"Model A alone would say {WORDS[model_a['verdict']]}")
    if weight_for_ai(rules.get("fired") or ()) >= RULES_POINT_TO_AI and model["verdict"] != "likely_ai":
        against.append("the rules point to AI")
    return "They do not agree: " + " and ".join(against) + "." if against else ""


def _learned(model_a: Mapping[str, Any] | None) -> str:
    if model_a and model_a.get("trained_on"):
        return "Model A was trained on this very image, so its word counts for little here."
    return ""


def _how_often(verdict: str, rates: Mapping[str, Any] | None) -> str:
    """How often this verdict was wrong on the model's own test images."""
    key, what = {
        "likely_ai": ("likely_ai_wrong", "real photos that it wrongly called AI"),
        "likely_real": ("likely_real_wrong", "AI images that it wrongly called real"),
    }.get(verdict, ("", ""))
    found = (rates or {}).get(key)
    if not isinstance(found, Mapping) or found.get("value") is None:
        return ""
    interval = (
        f", interval {in_words(found['low'])} to {in_words(found['high'])}" if found.get("low") is not None else ""
    )
    return (
        f"On its test images the share of {what} was {in_words(found['value'])} (of {found.get('n', '?')}{interval})."
    )


def _join(sentences: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(s for s in sentences if s))
