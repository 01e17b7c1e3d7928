"""The rule-based forensic score: one table of weighted rules over the other groups' values, each with a sentence.

Weights are expert judgements, not fitted: near 1 if the file itself declares AI, a few hundredths if a trait is merely
common among generated images. Score = 1 - product of (1 - weight) over the rules that fire.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cgid.features.group import Feature, FeatureGroup

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """holds: values by column -> does it fire? A missing value (NaN or absent) compares false, so nothing fires on it."""

    code: str
    weight: float
    sentence: str
    holds: Callable[[Callable[[str], float]], bool]


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that fired, with its sentence."""

    code: str
    sentence: str
    weight: float


RULES: tuple[Rule, ...] = (
    Rule(
        "credentials_ai",
        0.95,
        "Intact content credentials declare that AI created the image.",
        lambda v: v("c2pa_ai_flag") == 1 and v("c2pa_signature_valid") == 1 and v("hashes_match") == 1,
    ),
    Rule(
        "credentials_partly_ai",
        0.6,
        "Intact content credentials declare that AI created parts of the image.",
        lambda v: v("c2pa_partly_ai_flag") == 1 and v("c2pa_signature_valid") == 1 and v("hashes_match") == 1,
    ),
    Rule(
        "generator_trace",
        0.95,
        "An image generator left its own data in the file.",
        lambda v: v("metadata_generator_trace") == 1,
    ),
    Rule(
        "declared_ai",
        0.95,
        "The metadata declare the image as AI-generated.",
        lambda v: v("metadata_source_type_ai") == 1,
    ),
    Rule(
        "declared_partly_ai",
        0.6,
        "The metadata declare parts of the image as AI-generated.",
        lambda v: v("metadata_source_type_partly_ai") == 1,
    ),
    Rule(
        "watermark",
        0.9,
        "The invisible watermark of an image generator is in the pixels.",
        lambda v: v("watermark_detected") == 1,
    ),
    Rule(
        "credentials_broken",
        0.3,
        "The content credentials do not match the image: something was changed after signing.",
        lambda v: v("c2pa_integrity") == 0,
    ),
    Rule(
        "thumbnail",
        0.25,
        "The embedded thumbnail shows a different image.",
        lambda v: v("metadata_thumbnail_likeness") < 0.5,
    ),
    Rule(
        "upsampling_peaks",
        0.2,
        "The spectrum peaks at half the sampling rate, as after up-sampling.",
        lambda v: v("spectrum_peak_2") > 0.9,
    ),
    Rule(
        "generator_size",
        0.1,
        "No camera data, and both sides are multiples of 64 pixels, as is common for generators.",
        lambda v: v("metadata_exposure_count") == 0 and v("container_sides_multiple_of_64") == 1,
    ),
    Rule(
        "uneven_noise",
        0.1,
        "The noise differs strongly between parts of the image.",
        lambda v: v("noise_inconsistency_score") > 0.55,
    ),
    Rule(
        "double_compression",
        0.1,
        "The image was compressed as JPEG before, with another quality.",
        lambda v: v("jpeg_double_compression") > 0.6,
    ),
    Rule(
        "contradictions",
        0.1,
        "The JPEG contradicts itself in several places.",
        lambda v: v("jpeg_inconsistency_score") > 0.3,
    ),
    Rule(
        "wrong_extension",
        0.05,
        "The file name indicates another format than the content.",
        lambda v: v("container_extension_matches_format") == 0,
    ),
    Rule("date_order", 0.1, "EXIF dates are in an impossible order.", lambda v: v("metadata_dates_consistent") == 0),
    Rule(
        "uneven_error",
        0.05,
        "Some areas change far more than the rest under recompression.",
        lambda v: v("ela_anomaly_score") > 0.15,
    ),
)


def fired(values: Values) -> list[FiredRule]:
    """The rules that fire on {column: value}, highest weight first."""

    def value(column: str) -> float:
        known = values.get(column)
        return math.nan if known is None else float(known)

    matching = [FiredRule(r.code, r.sentence, r.weight) for r in RULES if r.holds(value)]
    return sorted(matching, key=lambda f: -f.weight)


def compute(image: object, earlier: Values) -> dict[str, float]:
    matching = fired(earlier)
    return {
        "forensic_score": 1.0 - math.prod(1 - f.weight for f in matching),
        "fired_count": float(len(matching)),
        "heaviest": max((f.weight for f in matching), default=0.0),
    }


GROUP = FeatureGroup(
    key="rules",
    title="Forensic rules",
    family="model",
    prefix="rule",
    version=1,
    meaning="Noticeable values of the other groups, weighted by a fixed table.",
    cite="This program's own table of rules; sources as for the groups it reads.",
    not_applicable="Never.",
    weakness="Neither fitted nor calibrated: a high score means declarations or anomalies, not a probability.",
    compute=compute,
    after=("container", "metadata", "c2pa", "watermark", "jpeg_structure", "ela", "noise", "spectrum"),
    reads_name=True,
    features=(
        Feature("forensic_score", "Rule score", "1 - product of (1 - weight) over the rules that fire.", "0..1"),
        Feature("fired_count", "Rules fired", "How many rules fire.", "count"),
        Feature("heaviest", "Heaviest rule", "Weight of the heaviest rule that fires; 0 where none does.", "0..1"),
    ),
)
