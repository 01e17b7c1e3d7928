"""How a model's answer is put into words and weighed, the same for Model A and Model B."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.evaluate import figure_words
from cgid.evaluate.verdict_words import WORDS
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
    return figure_words.probability(said["probability"])


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
