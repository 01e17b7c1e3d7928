"""Agreement between the sources of evidence: declared origin, Model A, Model B and rules; never averaged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cgid import formatting
from cgid.schema import Agreement, ModelAnswer, PointsTo, RuleHit, RuleResult, SourceStatement, Verdict, side_of

# Combined weight from which the rules on AI count as pointing to AI; the other rules concern edits and file handling.
RULES_POINT_TO_AI = 0.5
# Rules that repeat the declared origin: in a file that declares AI they are no independent source.
REPEATS = {"credentials_ai", "credentials_partly_ai", "generator_trace", "declared_ai", "declared_partly_ai"}
FOR_AI = REPEATS | {"watermark", "upsampling_peaks", "generator_size"}
SILENT, WARNS, POINTS = "silent", "warns", "points_to_ai"
# The side that each statement points to; all others point to neither side.
SIDE = {v.value: s.value for v in Verdict if (s := side_of(v)) is not PointsTo.NEITHER} | {POINTS: PointsTo.AI.value}


@dataclass(frozen=True, slots=True)
class Source:
    """A source of evidence. title: in full. short_title: at the start of a sentence. within: inside one."""

    title: str
    short_title: str
    within: str


SOURCES = {
    "provenance": Source("Declared origin (metadata)", "The declared origin", "the declared origin"),
    "model_b": Source("Model B (fusion of all evidence)", "Model B", "Model B"),
    "model_a": Source("Model A (image network)", "Model A", "Model A"),
    "rules": Source("Fixed rules", "Fixed rules", "fixed rules"),
}


def agreement(
    provenance: Mapping[str, Any],
    model_a: ModelAnswer | None,
    model_b: ModelAnswer | None,
    rules: RuleResult,
    decided_by: str = "",
    out_of_domain: bool = False,
) -> Agreement:
    """What each source of evidence points to, and whether those that point to a side agree.

    decided_by: the source that the verdict follows, as in `Verdict`. out_of_domain: the models were trained on
    simulated images only and this image is not one of them: their answers are shown and point to no side.
    """
    statements = [
        _file(provenance),
        _model("model_b", model_b, out_of_domain),
        _model("model_a", model_a, out_of_domain),
        _rules(rules, bool(provenance.get("declares"))),
    ]
    mute = {"model_a", "model_b"} if out_of_domain else set()
    sides = {v.source: SIDE[v.statement] for v in statements if v.statement in SIDE and v.source not in mute}
    agree = len(set(sides.values())) == 1 if len(sides) > 1 else None
    return Agreement(tuple(statements), agree, _sentence(statements, sides, agree, decided_by))


def _statement(source: str, statement: str, explanation: str) -> SourceStatement:
    return SourceStatement(source, SOURCES[source].title, statement, explanation)


def _file(provenance: Mapping[str, Any]) -> SourceStatement:
    if provenance.get("declares"):
        return _statement("provenance", "declared_ai", str(provenance.get("by") or ""))
    credentials = provenance.get("credentials") or {}
    if credentials.get("fits_picture") is False:
        return _statement("provenance", WARNS, "Its content credentials do not match the image.")
    first = next(iter(provenance.get("statements") or ()), "The file does not declare its origin.")
    return _statement("provenance", SILENT, str(first))


def _model(source: str, answer: ModelAnswer | None, out_of_domain: bool) -> SourceStatement:
    if answer is None:
        return _statement(source, SILENT, "Not promoted, or without a probability for this image.")
    percent = formatting.probability(answer.probability)
    trained = " It was trained on this exact image." if answer.trained_on else ""
    aside = " No finding here: it was trained on simulated images only." if out_of_domain else trained
    return _statement(source, str(answer.verdict), f"Calibrated probability of AI: {percent}.{aside}")


def weight_for_ai(hits: Iterable[RuleHit]) -> float:
    """0..1, combined like the rule score, over the rules that point to AI."""
    return 1 - math.prod(1 - float(hit.weight or 0) for hit in hits if hit.code in FOR_AI)


def _rules(rules: RuleResult, declared: bool) -> SourceStatement:
    own = [hit for hit in rules.hits if not (declared and hit.code in REPEATS)]
    number = {0: "No rule applies", 1: "1 rule applies"}.get(len(own), f"{len(own)} rules apply")
    number += " in addition to the declared origin" if len(own) < len(rules.hits) else ""
    if (weight := weight_for_ai(own)) >= RULES_POINT_TO_AI:
        return _statement(
            "rules", POINTS, f"{number}, with a weight of {weight:.2f} of 1 for AI; rules never decide alone."
        )
    return _statement("rules", SILENT, f"{number}; rules never decide alone.")


def _sentence(statements: list[SourceStatement], sides: Mapping[str, str], agree: bool | None, decided_by: str) -> str:
    speakers = [each.source for each in statements if each.source in sides]
    if agree is None:
        if not speakers:
            return "None of the four sources points to a side."
        return f"Only one of the four sources points to a side: {SOURCES[speakers[0]].short_title}."
    if agree:
        side = "AI" if next(iter(sides.values())) == "ai" else "a real photo"
        first = SOURCES[speakers[0]].short_title
        return f"{_listed(first, speakers)} agree: {'both' if len(speakers) == 2 else 'all'} point to {side}."
    for_ai = [source for source in speakers if sides[source] == "ai"]
    for_real = [source for source in speakers if sides[source] == "real"]
    summary = (
        f"The sources disagree: {_listed(SOURCES[for_ai[0]].short_title, for_ai)} for AI, "
        f"{_listed(SOURCES[for_real[0]].within, for_real)} for a real photo."
    )
    if decided_by == "provenance":
        return f"{summary} The verdict follows the declared origin, which outranks statistical evidence."
    if decided_by not in SOURCES:
        return summary
    return f"{summary} The verdict follows {SOURCES[decided_by].within} and should be treated with caution."


def _listed(first: str, speakers: list[str]) -> str:
    """`first, second and third`; first: the text for the first of them."""
    named = [first, *(SOURCES[source].within for source in speakers[1:])]
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1]
