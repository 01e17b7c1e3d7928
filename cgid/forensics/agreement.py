"""Do Model A, Model B, the rules and the file's own words say the same? Shown side by side, never averaged away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cgid import formatting
from cgid.schema import PointsTo, Verdict, side_of

# From this weight of the rules that speak for AI on, they count as pointing to it; others speak of edits and haste.
RULES_POINT_TO_AI = 0.5
# Rules that say again what the file says of itself: beside a file that declares AI they are no second voice.
REPEATS = {"credentials_ai", "credentials_partly_ai", "generator_trace", "declared_ai", "declared_partly_ai"}
FOR_AI = REPEATS | {"watermark", "upsampling_peaks", "generator_size"}
SILENT, WARNS, POINTS = "silent", "warns", "points_to_ai"
# What each word speaks for; the others speak for neither side.
SIDE = {v.value: s.value for v in Verdict if (s := side_of(v)) is not PointsTo.NEITHER} | {POINTS: PointsTo.AI.value}


@dataclass(frozen=True, slots=True)
class Source:
    """Who speaks about an image. title: in full. short_title: at the start of a sentence. within: inside one."""

    title: str
    short_title: str
    within: str


SOURCES = {
    "provenance": Source("The file's own words", "The file's own words", "the file's own words"),
    "model_b": Source("Model B (fusion of all evidence)", "Model B", "Model B"),
    "model_a": Source("Model A (image network)", "Model A", "Model A"),
    "rules": Source("Fixed rules", "Fixed rules", "fixed rules"),
}


def agreement(
    provenance: Mapping[str, Any],
    model_a: Mapping[str, Any] | None,
    model_b: Mapping[str, Any] | None,
    rules: Mapping[str, Any],
    decided_by: str = "",
    foreign: bool = False,
) -> dict[str, Any]:
    """{"voices": [{"who", "title", "says", "why"}], "agree", "sentence"}.

    says: a verdict, `silent` (nothing to say), `warns` (credentials that do not fit) or `points_to_ai` (rules).
    agree: True or False between those that speak for a side; None where fewer than two do.
    decided_by: whose word the verdict follows, as in `Verdict`. foreign: the models learned from simulated images and
    know nothing of this picture: they are quoted and speak for no side.
    """
    voices = [
        _file(provenance),
        _model("model_b", model_b, foreign),
        _model("model_a", model_a, foreign),
        _rules(rules, bool(provenance.get("declares"))),
    ]
    mute = {"model_a", "model_b"} if foreign else set()
    sides = {v["who"]: SIDE[v["says"]] for v in voices if v["says"] in SIDE and v["who"] not in mute}
    agree = len(set(sides.values())) == 1 if len(sides) > 1 else None
    return {"voices": voices, "agree": agree, "sentence": _sentence(voices, sides, agree, decided_by)}


def _voice(who: str, says: str, why: str) -> dict[str, str]:
    return {"who": who, "title": SOURCES[who].title, "says": says, "why": why}


def _file(provenance: Mapping[str, Any]) -> dict[str, str]:
    if provenance.get("declares"):
        return _voice("provenance", "declared_ai", str(provenance.get("by") or ""))
    credentials = provenance.get("credentials") or {}
    if credentials.get("fits_picture") is False:
        return _voice("provenance", WARNS, "Its content credentials do not fit the picture.")
    first = next(iter(provenance.get("statements") or ()), "Nothing that tells where the picture is from.")
    return _voice("provenance", SILENT, str(first))


def _model(who: str, answer: Mapping[str, Any] | None, foreign: bool) -> dict[str, str]:
    if answer is None:
        return _voice(who, SILENT, "Not promoted, or it gave no number for this picture.")
    percent = formatting.probability(answer["probability"])
    trained = " It was trained on this very picture." if answer.get("trained_on") else ""
    aside = " No finding here: it learned from simulated images only." if foreign else trained
    return _voice(who, str(answer["verdict"]), f"Calibrated probability of AI: {percent}.{aside}")


def weight_for_ai(fired: Iterable[Mapping[str, Any]]) -> float:
    """0..1, joined as the rule score is, over the rules that speak for AI."""
    return 1 - math.prod(1 - float(rule.get("weight") or 0) for rule in fired if rule.get("code") in FOR_AI)


def _rules(rules: Mapping[str, Any], declared: bool) -> dict[str, str]:
    fired = list(rules.get("fired") or [])
    own = [rule for rule in fired if not (declared and rule.get("code") in REPEATS)]
    number = {0: "No rule applies", 1: "1 rule applies"}.get(len(own), f"{len(own)} rules apply")
    number += " beyond what the file itself says" if len(own) < len(fired) else ""
    if (weight := weight_for_ai(own)) >= RULES_POINT_TO_AI:
        return _voice("rules", POINTS, f"{number}, weighing {weight:.2f} of 1 for AI; rules never accuse alone.")
    return _voice("rules", SILENT, f"{number}; rules never accuse alone.")


def _sentence(voices: list[dict[str, str]], sides: Mapping[str, str], agree: bool | None, decided_by: str) -> str:
    speakers = [voice["who"] for voice in voices if voice["who"] in sides]
    if agree is None:
        if not speakers:
            return "None of the four speaks for a side."
        return f"Only one of four speaks for a side: {SOURCES[speakers[0]].short_title}."
    if agree:
        side = "AI" if next(iter(sides.values())) == "ai" else "a real photo"
        first = SOURCES[speakers[0]].short_title
        return f"{_listed(first, speakers)} agree: {'both' if len(speakers) == 2 else 'all'} speak for {side}."
    for_ai = [who for who in speakers if sides[who] == "ai"]
    for_real = [who for who in speakers if sides[who] == "real"]
    told = (
        f"They do not agree: {_listed(SOURCES[for_ai[0]].short_title, for_ai)} for AI, "
        f"{_listed(SOURCES[for_real[0]].within, for_real)} for a real photo."
    )
    if decided_by == "provenance":
        return f"{told} The answer follows the file's own words, which outrank statistics."
    if decided_by not in SOURCES:
        return told
    return f"{told} The answer follows {SOURCES[decided_by].short_title}; treat it with care."


def _listed(first: str, speakers: list[str]) -> str:
    """`first, second and third`; first: how the first of them is called there."""
    named = [first, *(SOURCES[who].within for who in speakers[1:])]
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1]
