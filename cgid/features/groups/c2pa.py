"""What signed content credentials (C2PA) say about the picture's origin, and whether they still fit its bytes."""

from __future__ import annotations

import math

from cgid.features.group import Feature, FeatureGroup
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from cgid.metadata.c2pa_trust import trust_list_digest
from cgid.metadata.content_credentials import Credentials

_COUNTS = ("ai_assertion_count", "manifest_count", "ingredient_count", "assertion_count", "action_count", "ai_flag")


def compute(image: ImageFile) -> dict[str, float]:
    found = image.once(content_credentials.read)
    values = {f.name: math.nan for f in GROUP.features}
    values |= dict.fromkeys(_COUNTS, 0.0) | {"present": float(found is not None), "unreadable": 0.0}
    if found is None:
        return values
    values["unreadable"] = float(bool(found.unreadable))
    if found.unreadable:
        return values
    return values | {
        "signature_valid": float(found.signature_valid),
        "data_hash_valid": float(found.data_hash_valid),
        "assertions_valid": float(found.assertions_valid),
        "hashes_match": float(found.data_hash_valid and found.assertions_valid),
        "integrity": float(found.intact),
        "ingredients_intact": float(not found.broken_ingredients) if found.ingredients else math.nan,
        "ingredient_failure_count": float(found.broken_ingredients),
        "trusted": float(found.trusted),
        "expired": float(found.expired),
        "timestamped": float(found.timestamped),
        "ai_assertion_count": float(found.ai_assertions),
        "ai_flag": float(found.declares == "ai"),
        "partly_ai_flag": float(found.declares == "partly_ai"),
        "capture_flag": float(found.captured),
        "software_flag": float(found.software_made),
        "generator_named": float(bool(found.generator)),
        "manifest_count": float(found.manifests),
        "ingredient_count": float(found.ingredients),
        "assertion_count": float(found.assertions),
        "action_count": float(found.actions),
        "score": score(found),
    }


def score(found: Credentials) -> float:
    """How far the credentials speak for AI, 0..1: declared and intact 1, in parts 0.7, declared but broken 0.6,
    broken without such a declaration 0.4, intact without one 0. An ingredient's errors do not count."""
    if found.declares and not found.intact:
        return 0.6
    if found.declares:
        return 1.0 if found.declares == "ai" else 0.7
    return 0.0 if found.intact else 0.4


GROUP = FeatureGroup(
    key="c2pa",
    title="Content credentials",
    family="provenance",
    prefix="c2pa",
    version=2,
    variant=trust_list_digest,
    meaning="Signed statements about origin. Whether they fit the bytes is one thing, whether the signer is known another.",
    cite="Coalition for Content Provenance and Authenticity (C2PA), Technical Specification 2.x, validation.",
    weakness="A screenshot or re-save removes them. Reads offline: a signer counts as trusted only by a trust list that "
    "is configured, and expiry follows the clock.",
    not_applicable="What credentials say, where there are none that can be read; “present” and the counts always exist.",
    compute=compute,
    features=(
        Feature("present", "Credentials", "Embedded content credentials were found.", "0/1"),
        Feature("unreadable", "Unreadable", "Credentials are there and cannot be parsed.", "0/1"),
        Feature(
            "signature_valid",
            "Signature fits",
            "The newest manifest's signature fits its claim; says nothing of trust.",
            "0/1",
        ),
        Feature("data_hash_valid", "Picture fits", "The picture's bytes are those that were signed.", "0/1"),
        Feature("assertions_valid", "Statements fit", "The statements are those that were signed.", "0/1"),
        Feature(
            "hashes_match",
            "Hashes match",
            "Picture and statements both fit the hashes signed.",
            "0/1",
            column="hashes_match",
        ),
        Feature("integrity", "Intact", "Signature, picture and statements all fit; ingredients not judged.", "0/1"),
        Feature(
            "ingredients_intact",
            "Ingredients intact",
            "The credentials of pictures this one was made from fit; missing where it names none.",
            "0/1",
        ),
        Feature(
            "ingredient_failure_count",
            "Ingredient failures",
            "Failures that lie in ingredients, found now or noted when they were taken in.",
            "count",
        ),
        Feature("trusted", "Trusted signer", "The signer's certificate leads to a root on the trust list.", "0/1"),
        Feature("expired", "Expired", "The signer's certificate has run out, by this machine's clock.", "0/1"),
        Feature("timestamped", "Time stamp", "A time stamp says when it was signed.", "0/1"),
        Feature(
            "ai_assertion_count",
            "AI assertions",
            "Statements, ingredients' included, that name AI as the source.",
            "count",
        ),
        Feature("ai_flag", "Declares AI", "The credentials say that AI created the picture.", "0/1"),
        Feature("partly_ai_flag", "Declares partly AI", "The credentials say that AI made parts of it.", "0/1"),
        Feature("capture_flag", "Declares capture", "The credentials say that a camera or scanner took it.", "0/1"),
        Feature(
            "software_flag",
            "Declares drawing",
            "The credentials say that software made it, without trained AI.",
            "0/1",
        ),
        Feature("generator_named", "Maker named", "The program that wrote the credentials is named.", "0/1"),
        Feature("manifest_count", "Manifests", "Manifests in the store.", "count"),
        Feature("ingredient_count", "Ingredients", "Ingredients of the newest manifest.", "count"),
        Feature("assertion_count", "Assertions", "Statements of the newest manifest.", "count"),
        Feature("action_count", "Actions", "Editing actions that the newest manifest lists.", "count"),
        Feature(
            "score",
            "Credentials for AI",
            "1 declared AI and intact, 0.7 in parts, 0.6 declared but broken, 0.4 broken, 0 intact.",
            "0..1",
        ),
    ),
)
