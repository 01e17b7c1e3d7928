"""Evidence: one feature per content group compared with the training data, and periodic peaks in the spectrum.

The feature of a group is the one that ranks the training data best, chosen before any image is seen: among fourteen
features, one always looks conspicuous on the image at hand. Selecting one of k is accounted for: the interval of its
AUC must exclude 0.5 after Bonferroni's correction for k (Dunn 1961, J. Am. Stat. Assoc. 56).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from cgid.evaluate.calibration import logit
from cgid.evaluate.class_distribution import ClassDistribution, NearestValues
from cgid.features.group import Feature, FeatureGroup
from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.evidence.reference import neighbours, out_of_domain
from cgid.forensics.maps import PEAKS_KEY, peaks_result, spectrum_filter

# A single feature never weighs as much as a model that uses them all (see MIN_STRENGTH_… in kinds/models.py).
MAX_STRENGTH = 0.4


def find(material: Material) -> list[Evidence]:
    """One finding per content group, in the order of the groups; strength 0 without training data."""
    external = out_of_domain(material.check)
    groups = [g for g in all_groups().values() if g.family == "content" and g.features]
    return [_evidence(group, material, external) for group in groups]


def best_feature(group: FeatureGroup, reference: Mapping[str, Any]) -> tuple[Feature, bool]:
    """(most discriminative feature of the group, whether it separates real from AI significantly); the first feature
    where the reference data holds none of them.
    """
    blocks = reference.get("features") or {}
    measured = [(f, blocks[c]["auc"]) for f in group.features if (c := group.column(f.name)) in blocks]
    ranked = [(f, auc) for f, auc in measured if all(map(math.isfinite, auc.values()))]
    if not ranked:
        return group.features[0], False
    significant = [(f, auc) for f, auc in ranked if _excludes_a_half(auc, len(ranked))]
    best, _ = max(significant or ranked, key=lambda one: abs(one[1]["value"] - 0.5))
    return best, bool(significant)


def _excludes_a_half(auc: Mapping[str, float], tried: int) -> bool:
    """Whether the interval, widened on the log-odds scale to a joint 95 % for all features tried, excludes 0.5."""
    value, low, high = (min(max(auc[name], 1e-6), 1 - 1e-6) for name in ("value", "low", "high"))
    bound = low if value > 0.5 else high
    if value in (1e-6, 1 - 1e-6):  # a perfect ranking has no standard error to widen: its bound is Wilson's
        return (bound - 0.5) * (value - 0.5) > 0
    wider = NormalDist().inv_cdf(1 - 0.025 / tried) / NormalDist().inv_cdf(0.975)
    bound = logit(value) + wider * (logit(bound) - logit(value))
    return bound * (value - 0.5) > 0


def _evidence(group: FeatureGroup, material: Material, external: bool) -> Evidence:
    feature, separates = best_feature(group, material.reference)
    column = group.column(feature.name)
    block = (material.reference.get("features") or {}).get(column)
    value = material.check.get("features", {}).get(column)
    value = float(value) if isinstance(value, int | float) and math.isfinite(value) else None
    near = neighbours(material.reference, column, value)
    statement, strength, side = "", 0.0, "neither"
    if value is None:
        statement = f"Not applicable: {_within_sentence(group.not_applicable)}"
    elif block is None:
        statement = "No training data is available for comparison, so it supports neither side."
    elif external:
        statement = "It supports neither side: only simulated images are available for comparison."
    elif outside := block["spread"].outside(value):
        what = "Higher" if outside > 0 else "Lower"
        statement = (
            f"{what} than all {block['spread'].count:,} training images, so the training data cannot interpret it."
        )
    elif near is None or near.share is None:
        statement = "One class has no training image with a similar value, so it supports neither side."
    else:
        statement = _odds_sentence(near)
        if not separates:
            statement += (
                f" No feature of this group separates the classes in the training data ({len(group.features)} tried)."
            )
        elif near.share_low <= 0.5 <= near.share_high:
            statement += " The interval includes even odds, so it supports neither side."
        else:
            side = "ai" if near.share > 0.5 else "real"
            strength = MAX_STRENGTH * 2 * (near.share_low - 0.5 if side == "ai" else 0.5 - near.share_high)
    number = "" if value is None else f"{value:.3g}"
    return Evidence(
        key=f"features.{group.key}",
        title=group.title,
        sentence=f"{feature.title}{': ' + number if number else ''}. {statement}",
        strength=strength,
        points_to=side,
        limitations=group.weakness,
        number=f"{number} ({feature.unit})" if number and feature.unit else number,
        feature=column if block is not None else "",
        maps=tuple(f"{group.key}.{m.name}" for m in group.maps),
        rows=(("Meaning", feature.meaning), *(_facts(block, near, separates) if block is not None else ())),
        source=group.cite,
    )


def _odds_sentence(near: NearestValues) -> str:
    share = near.share
    assert share is not None, "asked of values with neighbours"
    percent = "under 1" if share < 0.01 else "over 99" if share > 0.99 else f"{100 * share:.0f}"
    return (
        f"In the training data {percent} of 100 images with a similar value were AI (real and AI weighted "
        f"equally; 95 % interval {100 * near.share_low:.0f} to {100 * near.share_high:.0f})."
    )


def _facts(block: Mapping[str, Any], near: NearestValues | None, separates: bool) -> tuple[tuple[str, str], ...]:
    spread: ClassDistribution = block["spread"]
    auc = block["auc"]
    rows = []
    if near is not None:
        rows.append(("Similar values", f"{near.low:.3g} to {near.high:.3g}: the nearest tenth of the training images"))
        for name, count, of in (("Real photos", near.real, spread.real), ("AI images", near.ai, spread.ai)):
            rows.append((f"{name} with a similar value", f"{count:.0f} of {of.sum():.0f}"))
        if near.share is not None:
            rows.append(("Likelihood ratio, AI to real", _ratio(near)))
    for name, of in (("real photos", spread.real), ("AI images", spread.ai)):
        if of.sum():
            rows.append(
                (f"Middle half of all {name}", f"{spread.quantile(0.25, of):.3g} to {spread.quantile(0.75, of):.3g}")
            )
    if all(map(math.isfinite, auc.values())):
        between = f"AUC that AI is higher {auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})"
        rows.append(
            ("On its own, over the training data", between + ("" if separates else ", not significant among all tried"))
        )
    if min(block["independent"]) < 0.9:
        classes = zip(block["independent"], (spread.real, spread.ai), ("real photos", "AI images"))
        text = " and ".join(
            f"{of.sum():.0f} {name} count as {max(1, part * of.sum()):.0f}" for part, of, name in classes
        )
        rows.append(("Effective sample size (crops of one photograph are dependent)", f"{text} in the interval"))
    return tuple(rows)


def _ratio(near: NearestValues) -> str:
    def odds(p: float | None) -> str:
        assert p is not None, "asked of values with neighbours"
        if p >= 0.999:
            return "over 1000"
        return f"{p / (1 - p):.2g}" if p > 0.001 else "under 0.001"

    return f"{odds(near.share)} (95 % {odds(near.share_low)} to {odds(near.share_high)}; 1 supports neither)"


def _within_sentence(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:] if sentence else "it does not apply."


FEATURES = Kind("features", find)


# Peaks are worth inspecting but decide nothing: scenes have them too.
PEAKS_STRENGTH = 0.03
PEAKS_PHRASE = "with a period of"  # in the finding of the spectrum filter where it detected peaks


def find_peaks(material: Material) -> list[Evidence]:
    """One finding where the spectrum of the image's centre has distinct peaks."""
    finding = material.image.cached(peaks_result).finding
    if PEAKS_PHRASE not in finding:
        return []
    filter_ = spectrum_filter()
    return [
        Evidence(
            key="peaks",
            title=filter_.title,
            sentence=finding,
            strength=PEAKS_STRENGTH,
            points_to="neither",
            limitations=filter_.cannot,
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
