"""What one number of each content group says: how often training images with such a value were AI.

Per group one feature speaks, the one that ranks the training data best, chosen before any image is seen: a group of
fourteen always has one that looks telling on a picture at hand. The choice among k is paid for: the interval of its
AUC must exclude 0.5 after Bonferroni's correction for k (Dunn 1961, J. Am. Stat. Assoc. 56).

Stripe patterns that repeat: the peaks of the spectrum, ringed and named by their period.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from cgid.evaluate.calibration import logit
from cgid.evaluate.class_distribution import Neighbours, Spread
from cgid.features.group import Feature, FeatureGroup
from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.evidence.reference import foreign, neighbours
from cgid.forensics.maps import PEAKS_KEY, about, drawn

# A single number never weighs as much as a model that saw them all (kinds/model_a, kinds/model_b start above it).
MOST = 0.4


def find(material: Material) -> list[Evidence]:
    """One piece per content group, in the groups' order; those without training data too, with strength 0."""
    elsewhere = foreign(material.found)
    groups = [g for g in all_groups().values() if g.family == "content" and g.features]
    return [_piece(group, material, elsewhere) for group in groups]


def speaker(group: FeatureGroup, reference: Mapping[str, Any]) -> tuple[Feature, bool]:
    """(the feature that speaks for the group, whether it tells real from AI at all); the first one where the reference
    knows none of them."""
    blocks = reference.get("features") or {}
    known = [(f, blocks[c]["auc"]) for f in group.features if (c := group.column(f.name)) in blocks]
    ranked = [(f, auc) for f, auc in known if all(map(math.isfinite, auc.values()))]
    if not ranked:
        return group.features[0], False
    telling = [(f, auc) for f, auc in ranked if _excludes_a_half(auc, len(ranked))]
    best, _ = max(telling or ranked, key=lambda one: abs(one[1]["value"] - 0.5))
    return best, bool(telling)


def _excludes_a_half(auc: Mapping[str, float], tried: int) -> bool:
    """The interval, widened on the log-odds scale to 95 % for all that were tried together, leaves 0.5 out."""
    value, low, high = (min(max(auc[name], 1e-6), 1 - 1e-6) for name in ("value", "low", "high"))
    bound = low if value > 0.5 else high
    if value in (1e-6, 1 - 1e-6):  # a perfect order has no deviation to widen: its bound is Wilson's
        return (bound - 0.5) * (value - 0.5) > 0
    wider = NormalDist().inv_cdf(1 - 0.025 / tried) / NormalDist().inv_cdf(0.975)
    bound = logit(value) + wider * (logit(bound) - logit(value))
    return bound * (value - 0.5) > 0


def _piece(group: FeatureGroup, material: Material, elsewhere: bool) -> Evidence:
    feature, tells = speaker(group, material.reference)
    column = group.column(feature.name)
    block = (material.reference.get("features") or {}).get(column)
    value = material.found.get("features", {}).get(column)
    value = float(value) if isinstance(value, int | float) and math.isfinite(value) else None
    near = neighbours(material.reference, column, value)
    says, strength, side = "", 0.0, "neither"
    if value is None:
        says = f"No value here: {_inside(group.not_applicable)}"
    elif block is None:
        says = "No training data lies beside it, so it speaks for neither side."
    elif elsewhere:
        says = "It speaks for neither side: only simulated images could be compared with it."
    elif beyond := block["spread"].outside(value):
        what = "Higher" if beyond > 0 else "Lower"
        says = f"{what} than all {block['spread'].count:,} training images: none of them tells what that means."
    elif near is None or near.share is None:
        says = "No training image of one class has such a value to compare with, so it speaks for neither side."
    else:
        says = _odds(near)
        if not tells:
            says += f" No value of this kind tells the two apart in the training data ({len(group.features)} tried)."
        elif near.share_low <= 0.5 <= near.share_high:
            says += " Even odds are within that, so it speaks for neither side."
        else:
            side = "ai" if near.share > 0.5 else "real"
            strength = MOST * 2 * (near.share_low - 0.5 if side == "ai" else 0.5 - near.share_high)
    number = "" if value is None else f"{value:.3g}"
    return Evidence(
        key=f"features.{group.key}",
        title=group.title,
        sentence=f"{feature.title}{': ' + number if number else ''}. {says}",
        strength=strength,
        points_to=side,
        fooled_by=group.weakness,
        number=f"{number} ({feature.unit})" if number and feature.unit else number,
        feature=column if block is not None else "",
        maps=tuple(f"{group.key}.{m.name}" for m in group.maps),
        rows=(("What it is", feature.meaning), *(_facts(block, near, tells) if block is not None else ())),
        source=group.cite,
    )


def _odds(near: Neighbours) -> str:
    share = "under 1" if near.share < 0.01 else "over 99" if near.share > 0.99 else f"{100 * near.share:.0f}"
    return (
        f"In the training data {share} of 100 images with such a value were AI (real and AI counted as equally "
        f"frequent; 95 % interval {100 * near.share_low:.0f} to {100 * near.share_high:.0f})."
    )


def _facts(block: Mapping[str, Any], near: Neighbours | None, tells: bool) -> tuple[tuple[str, str], ...]:
    spread: Spread = block["spread"]
    auc = block["auc"]
    rows = []
    if near is not None:
        rows.append(("Such a value", f"{near.low:.3g} to {near.high:.3g}: the nearest tenth of the training images"))
        for name, count, of in (("Real photos", near.real, spread.real), ("AI images", near.ai, spread.ai)):
            rows.append((f"{name} with such a value", f"{count:.0f} of {of.sum():.0f}"))
        if near.share is not None:
            rows.append(("Likelihood ratio, AI to real", _ratio(near)))
    for name, of in (("real photos", spread.real), ("AI images", spread.ai)):
        if of.sum():
            rows.append((f"Half of all {name}", f"{spread.quantile(0.25, of):.3g} to {spread.quantile(0.75, of):.3g}"))
    if all(map(math.isfinite, auc.values())):
        between = f"AUC that AI is higher {auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})"
        rows.append(
            ("Alone, over the training data", between + ("" if tells else ", not more than chance among all tried"))
        )
    if min(block["independent"]) < 0.9:
        worth = zip(block["independent"], (spread.real, spread.ai), ("real photos", "AI images"))
        said = " and ".join(f"{of.sum():.0f} {name} count as {max(1, part * of.sum()):.0f}" for part, of, name in worth)
        rows.append(("Crops of one photograph hang together", f"{said} in the interval"))
    return tuple(rows)


def _ratio(near: Neighbours) -> str:
    def odds(p: float) -> str:
        if p >= 0.999:
            return "over 1000"
        return f"{p / (1 - p):.2g}" if p > 0.001 else "under 0.001"

    return f"{odds(near.share)} (95 % {odds(near.share_low)} to {odds(near.share_high)}; 1 speaks for neither)"


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:] if sentence else "it does not apply."


FEATURES = Kind("features", find)


# Peaks are a trace to look at, not a verdict: scenes have them too.
STRENGTH = 0.03
FOUND = "with a period of"  # in the bench's words where it found one


def find_peaks(material: Material) -> list[Evidence]:
    """One piece where peaks stand out of the spectrum of the picture's middle."""
    finding = material.image.once(drawn).finding
    if FOUND not in finding:
        return []
    filter_ = about()
    return [
        Evidence(
            key="peaks",
            title=filter_.title,
            sentence=finding,
            strength=STRENGTH,
            points_to="neither",
            fooled_by=filter_.cannot,
            maps=(PEAKS_KEY,),
            rows=(("How to read it", filter_.read),),
            source=filter_.cite,
        )
    ]


PEAKS = Kind("peaks", find_peaks)

KINDS = (
    FEATURES,
    PEAKS,
)
