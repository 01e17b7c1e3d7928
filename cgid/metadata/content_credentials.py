"""Reads C2PA content credentials and reports integrity and trust separately.

Integrity: do signature and hashes match the bytes? Trust: does the signer's certificate chain to a root on the
operator's trust list, and is it valid now? An unknown signer or an expired certificate is no sign of tampering. An
error within an ingredient concerns the ingredient, not the file. No network access: remote manifests are reported,
never fetched, and certificate status is not queried. Source: C2PA Technical Specification 2.x, chapter "Validation";
read by the C2PA project's own library.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from cgid.imaging.image_file import ImageFile
from cgid.metadata.c2pa_trust import failure_kind, trust_anchors
from cgid.metadata.digital_source_type import CAPTURE_TYPES, SOFTWARE_TYPES, SOURCE_TYPES, source_type

_MIME = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}


@dataclass(frozen=True)
class Credentials:
    """codes: failures of the active manifest. ingredient_codes: failures of ingredients, detected now or recorded at
    signing.

    declares: `ai`, `partly_ai` or ``. captured: created by a camera or scanner. software_created: created by software
    without trained AI. ai_assertions: number of assertions in the whole store that name AI as the source. issuer: the
    signer. generator: the claim generator. agents: software named by actions. unreadable: why credentials that exist
    cannot be read.
    """

    codes: tuple[str, ...] = ()
    ingredient_codes: tuple[str, ...] = ()
    trusted: bool = False
    timestamped: bool = False
    issuer: str = ""
    generator: str = ""
    agents: tuple[str, ...] = ()
    declares: str = ""
    captured: bool = False
    software_created: bool = False
    ai_assertions: int = 0
    manifests: int = 0
    ingredients: int = 0
    assertions: int = 0
    actions: int = 0
    unreadable: str = ""
    source_types: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """Which parts of the file's own credentials fail: `signature`, `data_hash`, `assertion`."""
        return frozenset(failure_kind(c) for c in self.codes) - {"", "ingredient"}

    @property
    def signature_valid(self) -> bool:
        return "signature" not in self.kinds

    @property
    def data_hash_valid(self) -> bool:
        """The image data match the signed hash."""
        return "data_hash" not in self.kinds

    @property
    def assertions_valid(self) -> bool:
        """The assertions match the signed hashes."""
        return "assertion" not in self.kinds

    @property
    def intact(self) -> bool:
        """The active manifest matches the image: its declarations apply to exactly these bytes."""
        return not self.unreadable and not self.kinds

    @property
    def broken_ingredients(self) -> int:
        """Number of failures that concern only ingredients."""
        own = [c for c in self.codes if failure_kind(c) == "ingredient"]
        return len(own) + sum(bool(failure_kind(c)) for c in self.ingredient_codes)

    @property
    def expired(self) -> bool:
        """The certificate has expired by this machine's clock."""
        return "signingCredential.expired" in self.codes


def read(image: ImageFile) -> Credentials | None:
    """The credentials embedded in the image; None if there are none. Raises InputError only on an invalid trust list.

    `image.cached(content_credentials.read)` reads them once.
    """
    store = image.cached(manifest_store)
    if store is None:
        return None
    return Credentials(unreadable=store) if isinstance(store, str) else _credentials(store)


def manifest_store(image: ImageFile) -> dict[str, Any] | str | None:
    """The manifest store as reported by the C2PA library; an error message if it cannot be read, None if there is none.

    All its texts are untrusted. Raises InputError only on an invalid trust list. Use `image.cached(manifest_store)`.
    """
    return _read(image) if _may_hold(image) else None


def sidecar_manifest_store(manifest: bytes, image: ImageFile) -> dict[str, Any] | str | None:
    """As `manifest_store`, for the credentials of a sidecar file, validated against this image."""
    return _read(image, manifest) if image.format in _MIME else None


def resources(image: ImageFile, identifiers: list[str]) -> dict[str, bytes]:
    """Embedded resources by identifier, such as thumbnails; missing ones are omitted.

    Only resources in the store are returned, whatever an identifier looks like. Never raises."""
    import c2pa

    contents: dict[str, bytes] = {}
    if not _may_hold(image):
        return contents
    offline = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_reading": False}}
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(offline)) as context,
            c2pa.Reader(_MIME[image.format], BytesIO(image.data), context=context) as reader,
        ):
            for name in identifiers:
                out = BytesIO()
                with contextlib.suppress(c2pa.C2paError):  # a missing one does not affect the others
                    reader.resource_to_stream(name, out)
                    contents[name] = out.getvalue()
    except (c2pa.C2paError, ValueError):
        return contents
    return contents


def _read(image: ImageFile, manifest: bytes | None = None) -> dict[str, Any] | str | None:
    import c2pa

    configured: dict[str, dict[str, Any]] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    if anchors := trust_anchors():
        configured["trust"] = {"trust_anchors": anchors}
    try:
        settings = c2pa.Settings.from_dict(configured)
        with (
            c2pa.Context(settings) as context,
            c2pa.Reader(_MIME[image.format], BytesIO(image.data), manifest, context=context) as reader,
        ):
            report = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:  # retired word: the library's own name
        return None
    except (c2pa.C2paError, ValueError, RecursionError) as problem:
        return " ".join(str(problem).split())[:200]
    return report if isinstance(report, dict) else "the report is not an object"


def _may_hold(image: ImageFile) -> bool:
    """Whether the file may hold credentials; calling the library costs more than reading all other metadata."""
    data = image.data
    if image.format == "JPEG":
        return any(s.marker == 0xEB for s in image.jpeg.segments)
    if image.format == "PNG":
        return any(c.kind == "caBX" for c in image.png.chunks)
    return image.format in _MIME and b"jumb" in data and b"c2pa" in data


def _credentials(store: dict[str, Any]) -> Credentials:
    manifests = store.get("manifests") or {}
    active = manifests.get(store.get("active_manifest")) or {}
    results = store.get("validation_results") or {}
    newest = results.get("activeManifest") or {}
    info = [str(i.get("name", "")) for i in active.get("claim_generator_info") or []]
    kinds = [(label, action, kind) for label, m in manifests.items() for action, kind in _sources(m)]
    declared = [k for k in kinds if k[2] in SOURCE_TYPES]
    lineage = _ancestry(manifests, store.get("active_manifest"))
    declares, lineage_types = _declares(declared, lineage), {kind for label, _, kind in kinds if label in lineage}
    signed = active.get("signature_info") or {}
    return Credentials(
        codes=_codes(newest),
        ingredient_codes=tuple(_ingredient_codes(results, manifests)),
        trusted=any(f.get("code") == "signingCredential.trusted" for f in newest.get("success") or []),
        timestamped=bool(signed.get("time")),
        issuer=str(signed.get("issuer") or ""),
        generator=", ".join(filter(None, info)) or str(active.get("claim_generator") or ""),
        agents=tuple(dict.fromkeys(a for m in manifests.values() for a in _agents(m))),
        declares=declares,
        captured=not declares and bool(lineage_types & CAPTURE_TYPES),
        software_created=not declares and bool(lineage_types & SOFTWARE_TYPES),
        ai_assertions=len(declared),
        manifests=len(manifests),
        ingredients=len(active.get("ingredients") or []),
        assertions=len(active.get("assertions") or []),
        actions=sum(1 for _ in actions(active)),
        source_types=tuple(sorted({k[2] for k in kinds})),
    )


def _codes(results: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(f.get("code", "")) for f in results.get("failure") or [])


def _ingredient_codes(results: dict[str, Any], manifests: dict[str, Any]) -> Iterator[str]:
    """Failures of ingredients: those that differ now from the state recorded at signing, and those recorded."""
    for delta in results.get("ingredientDeltas") or []:
        yield from _codes(delta.get("validationDeltas") or {})
    for manifest in manifests.values():
        for ingredient in manifest.get("ingredients") or []:
            yield from (str(failure.get("code", "")) for failure in recorded_failures(ingredient))


def recorded_failures(ingredient: dict[str, Any]) -> list[dict[str, Any]]:
    """Failures recorded in an ingredient's credentials at signing: {"code", "url", …} each."""
    # Some writers record successes among them.
    status = [n for n in ingredient.get("validation_status") or [] if isinstance(n, dict)]
    failed = [n for n in status if n.get("success") is not True and not _success(n)]
    results = (ingredient.get("validation_results") or {}).get("activeManifest") or {}
    return failed + [n for n in results.get("failure") or [] if isinstance(n, dict)]


def _success(status: dict[str, Any]) -> bool:
    return str(status.get("code", "")).endswith((".match", ".validated", ".trusted", ".insideValidity"))


def actions(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every action in a manifest's assertions, in order."""
    for assertion in manifest.get("assertions") or []:
        data = assertion.get("data")
        listed = data.get("actions") if isinstance(data, dict) else None
        # An untrusted assertion may hold anything under this name.
        yield from (action for action in (listed if isinstance(listed, list) else []) if isinstance(action, dict))


def _agents(manifest: dict[str, Any]) -> Iterator[str]:
    for action in actions(manifest):
        agent = action.get("softwareAgent")
        name = agent.get("name") if isinstance(agent, dict) else agent
        if isinstance(name, str) and name:
            yield name


def _sources(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(action or ``, source type) of every assertion that names a digital source type."""
    for assertion in manifest.get("assertions") or []:
        data = assertion.get("data")
        if isinstance(data, dict) and isinstance(data.get("digitalSourceType"), str):
            yield "", source_type(data["digitalSourceType"])
    for action in actions(manifest):
        if isinstance(action.get("digitalSourceType"), str):
            yield str(action.get("action", "")), source_type(action["digitalSourceType"])


def _ancestry(manifests: dict[str, Any], label: Any) -> set[str]:
    """The active manifest and its ancestors: parents, or the only ingredient."""
    lineage: set[str] = set()
    while label in manifests and label not in lineage:
        lineage.add(label)
        ingredients = manifests[label].get("ingredients") or []
        parents = [i for i in ingredients if i.get("relationship") == "parentOf"] or ingredients
        label = parents[0].get("active_manifest") if len(parents) == 1 else None
    return lineage


def _declares(declared: list[tuple[str, str, str]], lineage: set[str]) -> str:
    """`ai` if the image was created by AI; `partly_ai` if an edit or another ingredient was; otherwise ``."""
    if any(
        SOURCE_TYPES[kind] == "ai" and action in ("", "c2pa.created") and label in lineage
        for label, action, kind in declared
    ):
        return "ai"
    return "partly_ai" if declared else ""
