"""What signed content credentials (C2PA) say about the picture's origin, and whether they still fit its bytes."""

from __future__ import annotations

import math

from cgid.features.content_credentials import Credentials, read
from cgid.features.group import Feature, FeatureGroup
from cgid.features.image import ImageFile


def compute(image: ImageFile) -> dict[str, float]:
    found = read(image)
    values = {f.name: math.nan for f in GROUP.features}
    counts = {"ai_assertion_count": 0.0, "ai_flag": 0.0, "manifest_count": 0.0, "ingredient_count": 0.0}
    values |= counts | {"assertion_count": 0.0, "present": float(found is not None), "unreadable": 0.0}
    if found is None:
        return values
    values["unreadable"] = float(bool(found.unreadable))
    if found.unreadable:
        return values
    return values | {
        "signature_valid": float(found.signature_valid),
        "hashes_match": float(found.hashes_match),
        "integrity": float(found.intact),
        "ingredients_intact": float(found.ingredients_intact) if found.ingredients else math.nan,
        "trusted": float(found.trusted),
        "expired": float(found.expired),
        "ai_assertion_count": float(found.ai_assertions),
        "ai_flag": float(found.declares == "ai"),
        "partly_ai_flag": float(found.declares == "partly_ai"),
        "manifest_count": float(found.manifests),
        "ingredient_count": float(found.ingredients),
        "assertion_count": float(found.assertions),
        "score": score(found),
    }


def score(found: Credentials) -> float:
    """How far the credentials speak for AI, 0..1: declared and intact 1, in parts 0.7, declared but broken 0.6,
    broken without such a declaration 0.4, intact without one 0."""
    if found.declares and not found.active_intact:
        return 0.6
    if found.declares:
        return 1.0 if found.declares == "ai" else 0.7
    return 0.0 if found.intact else 0.4


GROUP = FeatureGroup(
    key="c2pa",
    title="Content credentials",
    family="provenance",
    prefix="c2pa",
    version=1,
    meaning="Signed statements about origin. Whether they fit the bytes is one thing, whether the signer is known another.",
    cite="Coalition for Content Provenance and Authenticity, Technical Specification 2.x, validation chapter.",
    weakness="A screenshot or re-save removes them. Reads offline: no signer counts as trusted, and expiry follows the clock.",
    compute=compute,
    features=(
        Feature("present", "Credentials", "Embedded content credentials were found.", "0/1"),
        Feature("unreadable", "Unreadable", "Credentials are there and cannot be parsed.", "0/1"),
        Feature(
            "signature_valid",
            "Signature valid",
            "The newest manifest's signature fits its claim; says nothing of trust.",
            "0/1",
        ),
        Feature(
            "hashes_match",
            "Hashes match",
            "Picture and assertions fit the hashes signed.",
            "0/1",
            column="hashes_match",
        ),
        Feature("integrity", "Intact", "Signature and hashes fit, in earlier manifests too.", "0/1"),
        Feature(
            "ingredients_intact",
            "Ingredients intact",
            "Manifests of ingredients fit; missing without ingredients.",
            "0/1",
        ),
        Feature("trusted", "Trusted signer", "The signer's certificate leads to a known root.", "0/1"),
        Feature("expired", "Expired", "The signer's certificate has run out, by this machine's clock.", "0/1"),
        Feature(
            "ai_assertion_count",
            "AI assertions",
            "Assertions, ingredients' included, that name AI as the source.",
            "count",
        ),
        Feature("ai_flag", "Declares AI", "The credentials say that AI created the picture.", "0/1"),
        Feature("partly_ai_flag", "Declares partly AI", "The credentials say that AI made parts of it.", "0/1"),
        Feature("manifest_count", "Manifests", "Manifests in the store.", "count"),
        Feature("ingredient_count", "Ingredients", "Ingredients of the newest manifest.", "count"),
        Feature("assertion_count", "Assertions", "Assertions of the newest manifest.", "count"),
        Feature(
            "score",
            "Credentials for AI",
            "1 declared AI and intact, 0.7 in parts, 0.6 declared but broken, 0.4 broken, 0 intact.",
            "0..1",
        ),
    ),
)
