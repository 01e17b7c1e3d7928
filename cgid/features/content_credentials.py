"""What C2PA content credentials say, with integrity and trust kept apart.

Integrity: do signature and hashes fit the bytes? Trust: is the signer's certificate known and in force? A signer this
machine does not know, or a certificate that has run out, says nothing about tampering. No network: manifests kept
elsewhere are reported, never fetched, and no certificate status is asked for; so no signer reads as trusted here.
Source: C2PA specification 2.x, chapter 15 (validation status codes); read by the C2PA project's own library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from cgid.features.generator_traces import SOURCE_TYPES, source_type
from cgid.features.image import ImageFile

_MIME = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
_SETTINGS = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
# Codes that say bytes and credentials do not fit. Time stamps and certificates are trust, wording rules are neither.
_BROKEN = {
    "claim.missing",
    "claim.multiple",
    "claimSignature.missing",
    "assertion.missing",
    "ingredient.manifest.missing",
}
_NOT_BYTES = ("timeStamp.", "signingCredential.")


@dataclass(frozen=True)
class Credentials:
    """codes: failures of the active manifest. ingredient_codes: failures in earlier manifests found now.

    declares: `ai`, `partly_ai` or ``. ai_assertions: how many assertions in the whole store name AI as the source.
    unreadable: why credentials that are there cannot be read. issuer: who signed. generator: what made the claim.
    """

    codes: tuple[str, ...] = ()
    ingredient_codes: tuple[str, ...] = ()
    trusted: bool = False
    issuer: str = ""
    generator: str = ""
    declares: str = ""
    ai_assertions: int = 0
    manifests: int = 0
    ingredients: int = 0
    assertions: int = 0
    unreadable: str = ""
    source_types: tuple[str, ...] = field(default=())

    @property
    def signature_valid(self) -> bool:
        return not any(_breaks(c) for c in self.codes if c.startswith(("claim", "claimSignature")))

    @property
    def hashes_match(self) -> bool:
        return not any(_breaks(c) for c in self.codes if not c.startswith("claim"))

    @property
    def active_intact(self) -> bool:
        """The newest manifest fits the picture: what it declares was said about these very bytes."""
        return not self.unreadable and self.signature_valid and self.hashes_match

    @property
    def ingredients_intact(self) -> bool:
        return not any(_breaks(c) for c in self.ingredient_codes)

    @property
    def intact(self) -> bool:
        return self.active_intact and self.ingredients_intact

    @property
    def expired(self) -> bool:
        """The certificate has run out, by this machine's clock."""
        return "signingCredential.expired" in self.codes


def _breaks(code: str) -> bool:
    return not code.startswith(_NOT_BYTES) and (code.endswith(".mismatch") or code in _BROKEN)


def read(image: ImageFile) -> Credentials | None:
    """The credentials embedded in the image; None where there are none. Never raises."""
    if image.format not in _MIME or b"jumb" not in image.data or b"c2pa" not in image.data:
        return None
    import c2pa

    try:
        settings = c2pa.Settings.from_dict(_SETTINGS)
        with (
            c2pa.Context(settings) as context,
            c2pa.Reader(_MIME[image.format], BytesIO(image.data), context=context) as reader,
        ):
            store = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, ValueError, RecursionError) as problem:
        return Credentials(unreadable=" ".join(str(problem).split())[:200])
    return _credentials(store)


def _credentials(store: dict[str, Any]) -> Credentials:
    manifests = store.get("manifests") or {}
    active = manifests.get(store.get("active_manifest")) or {}
    results = store.get("validation_results") or {}
    deltas = [d.get("validationDeltas") or {} for d in results.get("ingredientDeltas") or []]
    info = [str(i.get("name", "")) for i in active.get("claim_generator_info") or []]
    kinds = [(label, action, kind) for label, m in manifests.items() for action, kind in _sources(m)]
    said = [k for k in kinds if k[2] in SOURCE_TYPES]
    return Credentials(
        codes=_codes(results.get("activeManifest") or {}),
        ingredient_codes=tuple(c for d in deltas for c in _codes(d)),
        trusted=store.get("validation_state") == "Trusted",
        issuer=str((active.get("signature_info") or {}).get("issuer") or ""),
        generator=", ".join(filter(None, info)) or str(active.get("claim_generator") or ""),
        declares=_declares(said, _line_of_descent(manifests, store.get("active_manifest"))),
        ai_assertions=len(said),
        manifests=len(manifests),
        ingredients=len(active.get("ingredients") or []),
        assertions=len(active.get("assertions") or []),
        source_types=tuple(sorted({k[2] for k in kinds})),
    )


def _codes(results: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(f.get("code", "")) for f in results.get("failure") or [])


def _sources(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(action or ``, source type) of every assertion that names a digital source type."""
    for assertion in manifest.get("assertions") or []:
        data = assertion.get("data")
        if not isinstance(data, dict):
            continue
        if isinstance(data.get("digitalSourceType"), str):
            yield "", source_type(data["digitalSourceType"])
        for action in data.get("actions") or []:
            if isinstance(action, dict) and isinstance(action.get("digitalSourceType"), str):
                yield str(action.get("action", "")), source_type(action["digitalSourceType"])


def _line_of_descent(manifests: dict[str, Any], label: Any) -> set[str]:
    """The active manifest and those the picture itself comes from: parents, or the only ingredient."""
    line: set[str] = set()
    while label in manifests and label not in line:
        line.add(label)
        ingredients = manifests[label].get("ingredients") or []
        parents = [i for i in ingredients if i.get("relationship") == "parentOf"] or ingredients
        label = parents[0].get("active_manifest") if len(parents) == 1 else None
    return line


def _declares(said: list[tuple[str, str, str]], line: set[str]) -> str:
    """`ai` where the picture was created by AI; `partly_ai` where an edit or another ingredient was; else ``."""
    if any(
        SOURCE_TYPES[kind] == "ai" and action in ("", "c2pa.created") and label in line for label, action, kind in said
    ):
        return "ai"
    return "partly_ai" if said else ""
