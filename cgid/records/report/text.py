"""What a recorded answer says in sentences. Tolerant: an older record lacks keys, and none of them is worth a failure.

What an answer cannot tell and what could fool it, in plain words: part of every report.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cgid.escape import plain
from cgid.forensics.agreement import SOURCES
from cgid.formatting import WORDS, probability
from cgid.schema import PointsTo

SAYS = {
    **WORDS,
    **{"declared_ai": "declares AI", "silent": "says nothing", "warns": "warns", "points_to_ai": "points to AI"},
}
RATES = (
    ("likely_ai_wrong", "Real photos wrongly called AI", "real"),
    ("likely_real_wrong", "AI images wrongly called real", "AI"),
    ("inconclusive_real", "Real photos left inconclusive", "real"),
    ("inconclusive_ai", "AI images left inconclusive", "AI"),
)
MOST_CONTRIBUTIONS = 6


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def percent(value: float) -> str:
    """Never a certainty by rounding."""
    if 0.995 <= value < 1:
        return "over 99 %"
    return "under 1 %" if 0 < value < 0.01 else f"{100 * value:.0f} %"


def wrong(found: Mapping[str, Any], verdict: str) -> list[str]:
    """How often the deciding model was wrong on images it never saw, with n and interval; or why there are no figures."""
    rates, models = mapping(found.get("error_rates")), mapping(found.get("models"))
    by = models.get("decided_by")
    lines = [] if by in ("provenance", "watermark") else _rates(rates)  # older records hold a model's beside them
    if lines:
        where = "own test images" if rates.get("measured_on") in (None, "test") else plain(rates["measured_on"], 80)
        lines.append(f"Measured on the deciding model's {where}. Expect worse on other sources.")
        for name, other in list(mapping(rates.get("elsewhere")).items())[:8]:
            lines += [f"On other data ({plain(name, 80)}): {line}" for line in _rates(mapping(other))]
    elif verdict == "declared_ai":
        lines.append("This verdict rests on what the file declares of itself, not on a model, so it has no error rate.")
    elif by == "watermark":
        lines.append("This verdict rests on a watermark in the pixels, not on a model, so it has no error rate here.")
    elif models.get("simulated"):
        lines.append("No figures: the models learned from simulated images, and this picture is not one of those.")
    elif verdict != "unreadable":
        lines.append("No figures: no model took part that was measured on images it never saw.")
    return lines


def _rates(rates: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, what, kind in RATES:
        rate = mapping(rates.get(key))
        if not is_number(rate.get("value")):
            continue
        line = f"{what}: {percent(rate['value'])}"
        if is_number(rate.get("low")) and is_number(rate.get("high")):
            line += f" (95 % interval {percent(rate['low'])} to {percent(rate['high'])})"
        lines.append(f"{line}, of {plain(rate.get('n', '?'), 12)} {kind} images.")
    return lines


def voices(found: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """(whether they agree, [(who, what they say and why)])."""
    told = mapping(found.get("agreement"))
    rows = []
    foreign = bool(mapping(found.get("models")).get("foreign"))
    for voice in map(mapping, sequence(told.get("voices"))):
        says = SAYS.get(str(voice.get("says")), str(voice.get("says") or ""))
        if foreign and voice.get("who") in ("model_a", "model_b") and voice.get("says") != "silent":
            says = "no finding here"
        rows.append((plain(voice.get("title") or "", 80), plain(f"{says}. {voice.get('why') or ''}", 600)))
    if rows:
        return plain(told.get("sentence") or "", 600), rows
    for key in ("model_b", "model_a"):
        answer = mapping(found.get(key))
        if is_number(answer.get("probability")):
            says = SAYS.get(str(answer.get("verdict")), "")
            rows.append(
                (SOURCES[key].title, f"{says}. Calibrated probability of AI: {probability(answer['probability'])}.")
            )
    return "", rows


def spoken(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(title, sentence, direction) of what file, rules and Model B said, for records without gathered evidence."""
    said, lines = mapping(found.get("provenance")), []
    about = PointsTo.AI.label if said.get("declares") else ""
    lines += [("What the file says of itself", str(text), about) for text in sequence(said.get("statements"))]
    lines += [("Warning", str(mapping(one).get("reason") or ""), "") for one in sequence(said.get("findings"))]
    for rule in map(mapping, sequence(mapping(found.get("rules")).get("fired"))):
        lines.append(("Fixed rule, which never accuses alone", str(rule.get("reason") or ""), ""))
    parts = [mapping(one) for one in sequence(mapping(found.get("model_b")).get("contributions"))]
    for part in [one for one in parts if is_number(one.get("contribution"))][:MOST_CONTRIBUTIONS]:
        pull = float(part["contribution"])
        side = (PointsTo.AI if pull > 0 else PointsTo.REAL).label
        lines.append(
            (f"Feature {plain(part.get('feature') or '', 80)}", f"Moves Model B's logit by {pull:+.2f}.", side)
        )
    return [line for line in lines if line[1]]


def stability(found: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """(whether copies get the same verdict, [(copy, what it was told)]); ("", []) where that was not tried."""
    told, rows = mapping(found.get("stability")), []
    for copy in map(mapping, sequence(told.get("copies"))):
        says = SAYS.get(str(copy.get("verdict")), "")
        chance = f", {probability(copy['probability'])} AI" if is_number(copy.get("probability")) else ""
        rows.append((plain(copy.get("title") or "", 60), plain(copy.get("error") or f"{says}{chance}", 300)))
    return plain(told.get("sentence") or "", 600), rows[:40]


def made_by(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Versions and hashes: (what, which)."""
    made, models = mapping(found.get("versions")), mapping(found.get("models"))
    rows = [("cgid", plain(made.get("cgid") or "not recorded", 40))]
    for kind, title in (("model_a", "Model A"), ("model_b", "Model B")):
        used, about = mapping(mapping(made.get("models")).get(kind)), mapping(models.get(kind))
        run = used.get("run") or about.get("run")
        if not run:
            rows.append((title, "none"))
            continue
        text = f"run {plain(run, 120)}"
        text += f", made {plain(about['created'], 40)}" if about.get("created") else ""
        text += ", learned from simulated images" if about.get("simulated") else ""
        rows.append((title, text))
        for file, sha256 in sorted(mapping(used.get("weights")).items()):
            rows.append((f"{title} weights", f"{plain(file, 80)} sha256 {plain(sha256, 64)}"))
    for key, title in (("feature_groups", "Feature groups"), ("libraries", "Libraries")):
        listed = ", ".join(f"{name} {version}" for name, version in sorted(mapping(made.get(key)).items()))
        rows += [(title, plain(listed, 1500))] if listed else []
    rows += [("Python", plain(made["python"], 40))] if made.get("python") else []
    return tuple(rows)


ALWAYS = (
    "The verdict is an estimate from one file, not proof. It does not say whether what the picture shows happened.",
    "A real photo can be miscaptioned, staged or edited; an AI image can be labelled honestly. Look for the source.",
    "Error rates come from the images the models were tested on. Other cameras, generators and websites do worse.",
)
FOOLED = {
    "likely_ai": (
        "Strong noise reduction, beauty filters, upscaling and phone processing make real photos look generated.",
        "Renders, drawings and heavily edited photos are not what the models were taught to tell apart.",
    ),
    "likely_real": (
        "Re-saving, screenshots, added noise or resizing wash out the traces generators leave.",
        "A generator that the models have never seen may leave none of the traces they know.",
        "Camera metadata can be copied into any file.",
    ),
    "inconclusive": (
        "Small, strongly compressed or re-saved pictures hold too little for either side.",
        "A generator or a camera unlike the training data leaves the models undecided.",
    ),
    "declared_ai": (
        "Anyone can write generator metadata into a real photo; only signed credentials that fit the picture are hard to forge.",
        "A declaration says that AI took part, not how much of the picture it made.",
    ),
}


def fooled_by(verdict: str) -> tuple[str, ...]:
    """Sentences: what could have led to this verdict although it is wrong."""
    return FOOLED.get(verdict, ())


def of(found: Mapping[str, Any], verdict: str) -> Iterator[str]:
    """Sentences: limits of any answer, then those of this one."""
    yield from ALWAYS if verdict != "unreadable" else ("Nothing is said about a picture that cannot be read.",)
    models = found.get("models") if isinstance(found.get("models"), Mapping) else {}
    if models.get("simulated"):
        yield "The models learned from simulated demo images: this is a demonstration, not a finding."
    answer = found.get("model_a") if isinstance(found.get("model_a"), Mapping) else {}
    if answer.get("trained_on"):
        yield "Model A was trained on this very picture, so its own number says little."
    problems = models.get("problems")
    yield from (plain(problem, 400) for problem in (problems if isinstance(problems, list) else [])[:20])
