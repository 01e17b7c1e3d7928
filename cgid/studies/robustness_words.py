"""A run's robustness in sentences: what the web leaves of it, and where each kind of damage begins to cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cgid.evaluate import figure_words
from cgid.studies.robustness_points import CLEAN

ERRORS = {
    "false_positive_rate": "the share of real photos wrongly accused",
    "false_negative_rate": "the share of AI images missed",
}


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Plain text: one for each tier, one for each curve. content: robustness.json."""
    points = content["points"]
    clean = next(p for p in points if p["tier"] == CLEAN)
    said = [_tier(p, clean) for p in points if p["tier"] and p is not clean]
    for each in content["degradations"]:
        curve = [p for p in points if p["degradation"] == each["name"]]
        said.append(f"{each['title']}: {_curve(curve, clean)}.")
    return said


def doubled(curve: Sequence[Mapping[str, Any]], clean: Mapping[str, Any], figure: str) -> Mapping[str, Any] | None:
    """The first point, from mild to severe, at which an error rate is at least twice the clean one, beyond chance.

    Beyond chance: the interval of the paired change lies above zero. Where the clean rate is zero, that alone counts.
    """
    before = clean[figure]["value"]
    for point in curve:
        now, low = point[figure]["value"], point["change"][figure]["low"]
        if None not in (before, now, low) and low > 0 and now >= 2 * before:
            return point
    return None


def _curve(curve: Sequence[Mapping[str, Any]], clean: Mapping[str, Any]) -> str:
    known = {key: name for key, name in ERRORS.items() if any(p["change"][key]["low"] is not None for p in curve)}
    if not known:
        return "there are too few independent sources to tell where errors begin to grow"
    said, calm = [], []
    for key, name in known.items():
        before, point = clean[key]["value"], doubled(curve, clean, key)
        if before > 0.5:
            said.append(f"{name} is more than half already ({before:.0%})")
        elif point:
            grows = "first doubles or more" if before else "first leaves zero"
            said.append(f"{name} {grows} at {point['title']} ({point[key]['value']:.0%} instead of {before:.0%})")
        else:
            calm.append(f"{name} {before:.0%}")
    if not said:
        return f"at no strength tried does either error double ({', '.join(calm)} as they are)"
    return "; ".join(said) + ("; the other error does not double" if calm else "")


def _tier(point: Mapping[str, Any], clean: Mapping[str, Any]) -> str:
    told = (
        [f"AUC {_decimal(point['auc'])}, before {_decimal(clean['auc'])}"] if clean["auc"]["value"] is not None else []
    )
    for figure, name in ERRORS.items():
        if clean[figure]["value"] is not None:
            told.append(f"{name} {_percent(point[figure])}, before {_percent(clean[figure])}")
    return f"At {point['title']}: {'; '.join(told)}."


def table_text(points: Sequence[Mapping[str, Any]]) -> str:
    """The table for a terminal: a line per point."""
    head = f"{'images':<58} {'n':>6}  {'AUC':<20} {'real accused':<18} {'AI missed':<18}"
    lines = [
        f"{p['title']:<58} {p['n']:>6}  {_decimal(p['auc']):<20} {_percent(p['false_positive_rate']):<18} "
        f"{_percent(p['false_negative_rate']):<18}".rstrip()
        for p in points
    ]
    return "\n".join([head.rstrip(), *lines])


def _decimal(figure: Mapping[str, Any]) -> str:
    return figure_words.decimal(figure, unknown="not defined")


def _percent(figure: Mapping[str, Any]) -> str:
    return figure_words.share(figure, unknown="not defined")
