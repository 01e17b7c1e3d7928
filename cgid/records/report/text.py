"""Sentences of a report from a recorded answer, its limitations included.

Tolerant of missing and malformed values: records of older versions lack keys, which must not make a report fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from cgid.escape import plain
from cgid.forensics.agreement import SOURCES
from cgid.formatting import VERDICT_TEXT, probability
from cgid.schema import PointsTo

STATEMENTS = {
    **VERDICT_TEXT,
    "declared_ai": "declares AI",
    "silent": "no statement",
    "warns": "warns",
    "points_to_ai": "points to AI",
}
RATES = (
    ("likely_ai_wrong", "Real photos classified as AI", "real"),
    ("likely_real_wrong", "AI images classified as real", "AI"),
    ("inconclusive_real", "Real photos inconclusive", "real"),
    ("inconclusive_ai", "AI images inconclusive", "AI"),
)
MAX_CONTRIBUTIONS = 6


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def percent(value: float) -> str:
    """0..1 as percent; never 0 % or 100 % by rounding."""
    if 0.995 <= value < 1:
        return "over 99 %"
    return "under 1 %" if 0 < value < 0.01 else f"{100 * value:.0f} %"


def error_rates(check: Mapping[str, Any], verdict: str) -> list[str]:
    """Error rates of the deciding model on test images, with n and interval; or the reason why there are none."""
    rates, models = mapping(check.get("error_rates")), mapping(check.get("models"))
    by = models.get("decided_by")
    lines = [] if by in ("provenance", "watermark") else _rates(rates)  # older records hold those of a model as well
    if lines:
        where = "own test images" if rates.get("measured_on") in (None, "test") else plain(rates["measured_on"], 80)
        lines.append(f"Measured on the deciding model's {where}. Expect higher error rates on other sources.")
        for name, other in list(mapping(rates.get("elsewhere")).items())[:8]:
            lines += [f"On other data ({plain(name, 80)}): {line}" for line in _rates(mapping(other))]
    elif verdict == "declared_ai":
        lines.append("This verdict is based on a declaration in the file, not on a model, so it has no error rate.")
    elif by == "watermark":
        lines.append(
            "This verdict is based on a watermark in the pixels, not on a model, so it has no error rate here."
        )
    elif models.get("simulated"):
        lines.append("No error rates: the models were trained on simulated images, and this image is not one of those.")
    elif verdict != "unreadable":
        lines.append("No error rates: no model took part that was evaluated on unseen images.")
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


def sources(check: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """(whether the sources agree, [(source, its statement and explanation)])."""
    agreement = mapping(check.get("agreement"))
    rows = []
    external = bool(mapping(check.get("models")).get("foreign"))
    for voice in map(mapping, sequence(agreement.get("voices"))):
        statement = STATEMENTS.get(str(voice.get("says")), str(voice.get("says") or ""))
        if external and voice.get("who") in ("model_a", "model_b") and voice.get("says") != "silent":
            statement = "no finding here"
        rows.append((plain(voice.get("title") or "", 80), plain(f"{statement}. {voice.get('why') or ''}", 600)))
    if rows:
        return plain(agreement.get("sentence") or "", 600), rows
    for key in ("model_b", "model_a"):
        answer = mapping(check.get(key))
        if is_number(answer.get("probability")):
            statement = STATEMENTS.get(str(answer.get("verdict")), "")
            rows.append(
                (
                    SOURCES[key].title,
                    f"{statement}. Calibrated probability of AI: {probability(answer['probability'])}.",
                )
            )
    return "", rows


def statements(check: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(title, sentence, direction) of file, rules and Model B, for records without evidence."""
    provenance, lines = mapping(check.get("provenance")), []
    direction = PointsTo.AI.label if provenance.get("declares") else ""
    lines += [("Declared in the file", str(text), direction) for text in sequence(provenance.get("statements"))]
    lines += [("Warning", str(mapping(one).get("reason") or ""), "") for one in sequence(provenance.get("findings"))]
    for rule in map(mapping, sequence(mapping(check.get("rules")).get("fired"))):
        lines.append(("Fixed rule (never decides alone)", str(rule.get("reason") or ""), ""))
    parts = [mapping(one) for one in sequence(mapping(check.get("model_b")).get("contributions"))]
    for part in [one for one in parts if is_number(one.get("contribution"))][:MAX_CONTRIBUTIONS]:
        pull = float(part["contribution"])
        side = (PointsTo.AI if pull > 0 else PointsTo.REAL).label
        lines.append(
            (f"Feature {plain(part.get('feature') or '', 80)}", f"Moves Model B's logit by {pull:+.2f}.", side)
        )
    return [line for line in lines if line[1]]


def stability(check: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """(whether copies get the same verdict, [(copy, its verdict)]); ("", []) where stability was not tested."""
    outcome, rows = mapping(check.get("stability")), []
    for copy in map(mapping, sequence(outcome.get("copies"))):
        verdict = STATEMENTS.get(str(copy.get("verdict")), "")
        chance = f", {probability(copy['probability'])} AI" if is_number(copy.get("probability")) else ""
        rows.append((plain(copy.get("title") or "", 60), plain(copy.get("error") or f"{verdict}{chance}", 300)))
    return plain(outcome.get("sentence") or "", 600), rows[:40]


def versions(check: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(label, text) of versions and hashes."""
    recorded, models = mapping(check.get("versions")), mapping(check.get("models"))
    rows = [("cgid", plain(recorded.get("cgid") or "not recorded", 40))]
    for kind, title in (("model_a", "Model A"), ("model_b", "Model B")):
        used, about = mapping(mapping(recorded.get("models")).get(kind)), mapping(models.get(kind))
        run = used.get("run") or about.get("run")
        if not run:
            rows.append((title, "none"))
            continue
        text = f"run {plain(run, 120)}"
        text += f", created {plain(about['created'], 40)}" if about.get("created") else ""
        text += ", trained on simulated images" if about.get("simulated") else ""
        rows.append((title, text))
        for file, sha256 in sorted(mapping(used.get("weights")).items()):
            rows.append((f"{title} weights", f"{plain(file, 80)} sha256 {plain(sha256, 64)}"))
    for key, title in (("feature_groups", "Feature groups"), ("libraries", "Libraries")):
        listed = ", ".join(f"{name} {version}" for name, version in sorted(mapping(recorded.get(key)).items()))
        rows += [(title, plain(listed, 1500))] if listed else []
    rows += [("Python", plain(recorded["python"], 40))] if recorded.get("python") else []
    return tuple(rows)


LIMITS = (
    "The verdict is an estimate from a single file, not proof. It does not say whether the depicted event happened.",
    "A real photo can be miscaptioned, staged or edited; an AI image can be labelled correctly. Look for the source.",
    "Error rates apply to the test images of the models. They are higher for other cameras, generators and websites.",
)
LIMITATIONS = {
    "likely_ai": (
        "Strong noise reduction, beauty filters, upscaling and phone processing make real photos resemble generated images.",
        "Renders, drawings and heavily edited photos are outside the classes that the models were trained to distinguish.",
    ),
    "likely_real": (
        "Recompression, screenshots, added noise or resizing remove traces of generators.",
        "A generator that is not in the training data may leave none of the traces that the models detect.",
        "Camera metadata can be copied into any file.",
    ),
    "inconclusive": (
        "Small, strongly compressed or recompressed images contain too little evidence for either side.",
        "A generator or a camera that differs from the training data leaves the models undecided.",
    ),
    "declared_ai": (
        "Anyone can write generator metadata into a real photo; only valid signed credentials are hard to forge.",
        "A declaration states that AI was used, not how much of the image it generated.",
    ),
}


def limitations(verdict: str) -> tuple[str, ...]:
    """Sentences on known failure cases of this verdict."""
    return LIMITATIONS.get(verdict, ())


def limits(check: Mapping[str, Any], verdict: str) -> Iterator[str]:
    """Sentences on the limitations of any answer, then on those of this one."""
    yield from LIMITS if verdict != "unreadable" else ("An image that cannot be read is not evaluated.",)
    models = check.get("models")
    models = models if isinstance(models, Mapping) else {}
    if models.get("simulated"):
        yield "The models were trained on simulated demo images: this is a demonstration, not a finding."
    answer = check.get("model_a")
    if isinstance(answer, Mapping) and answer.get("trained_on"):
        yield "Model A was trained on this exact image, so its probability carries little weight."
    problems = models.get("problems")
    yield from (plain(problem, 400) for problem in (problems if isinstance(problems, list) else [])[:20])
