"""What an answer cannot tell and what could fool it, in plain words: part of every report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cgid.forensics.plain_text import plain

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
