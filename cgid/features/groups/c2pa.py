"""C2PA content credentials: what the signed manifest declares about the image's origin, and whether it is intact."""

from __future__ import annotations

import math

from cgid.features.group import Feature, FeatureGroup
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from cgid.metadata.c2pa_trust import trust_list_digest
from cgid.metadata.content_credentials import Credentials

_COUNTS = ("ai_assertion_count", "manifest_count", "ingredient_count", "assertion_count", "action_count", "ai_flag")


def compute(image: ImageFile) -> dict[str, float]:
    credentials = image.cached(content_credentials.read)
    values = {f.name: math.nan for f in GROUP.features}
    values |= dict.fromkeys(_COUNTS, 0.0) | {"present": float(credentials is not None), "unreadable": 0.0}
    if credentials is None:
        return values
    values["unreadable"] = float(bool(credentials.unreadable))
    if credentials.unreadable:
        return values
    return values | {
        "signature_valid": float(credentials.signature_valid),
        "data_hash_valid": float(credentials.data_hash_valid),
        "assertions_valid": float(credentials.assertions_valid),
        "hashes_match": float(credentials.data_hash_valid and credentials.assertions_valid),
        "integrity": float(credentials.intact),
        "ingredients_intact": float(not credentials.broken_ingredients) if credentials.ingredients else math.nan,
        "ingredient_failure_count": float(credentials.broken_ingredients),
        "trusted": float(credentials.trusted),
        "expired": float(credentials.expired),
        "timestamped": float(credentials.timestamped),
        "ai_assertion_count": float(credentials.ai_assertions),
        "ai_flag": float(credentials.declares == "ai"),
        "partly_ai_flag": float(credentials.declares == "partly_ai"),
        "capture_flag": float(credentials.captured),
        "software_flag": float(credentials.software_created),
        "generator_named": float(bool(credentials.generator)),
        "manifest_count": float(credentials.manifests),
        "ingredient_count": float(credentials.ingredients),
        "assertion_count": float(credentials.assertions),
        "action_count": float(credentials.actions),
        "score": score(credentials),
    }


def score(credentials: Credentials) -> float:
    """How strongly the credentials indicate AI, 0..1: declared and intact 1, in parts 0.7, declared but broken 0.6,
    broken without such a declaration 0.4, intact without one 0. Errors of ingredients do not count."""
    if credentials.declares and not credentials.intact:
        return 0.6
    if credentials.declares:
        return 1.0 if credentials.declares == "ai" else 0.7
    return 0.0 if credentials.intact else 0.4


GROUP = FeatureGroup(
    key="c2pa",
    title="Content credentials",
    family="provenance",
    prefix="c2pa",
    version=2,
    variant=trust_list_digest,
    meaning="Signed statements about origin. Integrity (do they match the bytes?) and trust (is the signer known?) are separate.",
    cite="Coalition for Content Provenance and Authenticity (C2PA), Technical Specification 2.x, validation.",
    weakness="A screenshot or recompression removes them. They are read offline: a signer is trusted only by a configured "
    "trust list, and expiry depends on the clock.",
    not_applicable="Without readable credentials; “present” and the counts always exist.",
    compute=compute,
    features=(
        Feature("present", "Credentials", "Content credentials are embedded.", "0/1"),
        Feature("unreadable", "Unreadable", "Credentials exist but cannot be parsed.", "0/1"),
        Feature(
            "signature_valid",
            "Signature valid",
            "The active manifest's signature matches its claim; independent of trust.",
            "0/1",
        ),
        Feature("data_hash_valid", "Data hash valid", "The image data match the signed hash.", "0/1"),
        Feature("assertions_valid", "Assertions valid", "The assertions match the signed hashes.", "0/1"),
        Feature(
            "hashes_match",
            "Hashes match",
            "Image data and assertions both match the signed hashes.",
            "0/1",
            column="hashes_match",
        ),
        Feature(
            "integrity",
            "Intact",
            "Signature, image data and assertions are all valid; ingredients are not considered.",
            "0/1",
        ),
        Feature(
            "ingredients_intact",
            "Ingredients intact",
            "The credentials of the ingredients are valid; missing if there are no ingredients.",
            "0/1",
        ),
        Feature(
            "ingredient_failure_count",
            "Ingredient failures",
            "Failures in ingredients, detected now or recorded at signing.",
            "count",
        ),
        Feature("trusted", "Trusted signer", "The signer's certificate chains to a root on the trust list.", "0/1"),
        Feature("expired", "Expired", "The signer's certificate has expired by this machine's clock.", "0/1"),
        Feature("timestamped", "Time stamp", "A time stamp states when it was signed.", "0/1"),
        Feature(
            "ai_assertion_count",
            "AI assertions",
            "Assertions, including those of ingredients, that name AI as the source.",
            "count",
        ),
        Feature("ai_flag", "Declares AI", "The credentials state that AI created the image.", "0/1"),
        Feature("partly_ai_flag", "Declares partly AI", "The credentials state that AI created parts of it.", "0/1"),
        Feature(
            "capture_flag", "Declares capture", "The credentials state that a camera or scanner captured it.", "0/1"
        ),
        Feature(
            "software_flag",
            "Declares software",
            "The credentials state that software created it, without trained AI.",
            "0/1",
        ),
        Feature("generator_named", "Claim generator named", "The program that wrote the credentials is named.", "0/1"),
        Feature("manifest_count", "Manifests", "Manifests in the store.", "count"),
        Feature("ingredient_count", "Ingredients", "Ingredients of the active manifest.", "count"),
        Feature("assertion_count", "Assertions", "Assertions of the active manifest.", "count"),
        Feature("action_count", "Actions", "Editing actions listed in the active manifest.", "count"),
        Feature(
            "score",
            "Credentials indicate AI",
            "1 declared AI and intact, 0.7 in parts, 0.6 declared but broken, 0.4 broken, 0 intact.",
            "0..1",
        ),
    ),
)
