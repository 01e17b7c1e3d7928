"""What C2PA content credentials say, with integrity and trust kept apart.

Integrity: do signature and hashes fit the bytes? Trust: does the signer's certificate lead to a root on the operator's
trust list, and is it in force? A signer this machine does not know, or a certificate that has run out, says nothing
about tampering. An error inside an ingredient is the ingredient's, not the file's. No network: manifests kept elsewhere
are reported, never fetched, and no certificate status is asked for.
Source: C2PA Technical Specification 2.x, chapter "Validation"; read by the C2PA project's own library.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from cgid.imaging.image_file import ImageFile
from cgid.metadata.c2pa_trust import kind_of, trust_anchors
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
    """codes: failures of the active manifest. ingredient_codes: failures of ingredients, found now or noted at signing.

    declares: `ai`, `partly_ai` or ``. captured: created by a camera or scanner. software_made: drawn or computed
    without trained AI. ai_assertions: how many assertions in
    the whole store name AI as the source. issuer: who signed. generator: what made the claim. agents: software named by
    actions. unreadable: why credentials that are there cannot be read.
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
    software_made: bool = False
    ai_assertions: int = 0
    manifests: int = 0
    ingredients: int = 0
    assertions: int = 0
    actions: int = 0
    unreadable: str = ""
    source_types: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """What of the file itself does not fit: `signature`, `data_hash`, `assertion`."""
        return frozenset(kind_of(c) for c in self.codes) - {"", "ingredient"}

    @property
    def signature_valid(self) -> bool:
        return "signature" not in self.kinds

    @property
    def data_hash_valid(self) -> bool:
        """The picture's bytes are those that were signed."""
        return "data_hash" not in self.kinds

    @property
    def assertions_valid(self) -> bool:
        """The statements are those that were signed."""
        return "assertion" not in self.kinds

    @property
    def intact(self) -> bool:
        """The newest manifest fits the picture: what it declares was said about these very bytes."""
        return not self.unreadable and not self.kinds

    @property
    def broken_ingredients(self) -> int:
        """Failures that lie in ingredients only."""
        own = [c for c in self.codes if kind_of(c) == "ingredient"]
        return len(own) + sum(bool(kind_of(c)) for c in self.ingredient_codes)

    @property
    def expired(self) -> bool:
        """The certificate has run out, by this machine's clock."""
        return "signingCredential.expired" in self.codes


def read(image: ImageFile) -> Credentials | None:
    """The credentials embedded in the image; None where there are none. Raises InputError on a bad trust list only.

    `image.once(content_credentials.read)` reads them once for all.
    """
    kept = image.once(store)
    if kept is None:
        return None
    return Credentials(unreadable=kept) if isinstance(kept, str) else _credentials(kept)


def store(image: ImageFile) -> dict[str, Any] | str | None:
    """The whole manifest store as the C2PA's library reports it; a sentence where it cannot be read, None without one.

    Every text in it is a stranger's. Raises InputError on a bad trust list only. Use `image.once(store)`.
    """
    return _read(image) if _may_hold(image) else None


def store_in(manifest: bytes, image: ImageFile) -> dict[str, Any] | str | None:
    """As `store`, of credentials that are kept in a file of their own, checked against this image."""
    return _read(image, manifest) if image.format in _MIME else None


def resources(image: ImageFile, identifiers: list[str]) -> dict[str, bytes]:
    """What the embedded store keeps under these names, such as thumbnails; those it cannot give are left out. Only what
    lies in the store is given, whatever a name looks like. Never raises."""
    import c2pa

    found: dict[str, bytes] = {}
    if not _may_hold(image):
        return found
    offline = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_reading": False}}
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(offline)) as context,
            c2pa.Reader(_MIME[image.format], BytesIO(image.data), context=context) as reader,
        ):
            for name in identifiers:
                out = BytesIO()
                with contextlib.suppress(c2pa.C2paError):  # one that is missing does not cost the others
                    reader.resource_to_stream(name, out)
                    found[name] = out.getvalue()
    except (c2pa.C2paError, ValueError):
        return found
    return found


def _read(image: ImageFile, manifest: bytes | None = None) -> dict[str, Any] | str | None:
    import c2pa

    configured = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    if anchors := trust_anchors():
        configured["trust"] = {"trust_anchors": anchors}
    try:
        settings = c2pa.Settings.from_dict(configured)
        with (
            c2pa.Context(settings) as context,
            c2pa.Reader(_MIME[image.format], BytesIO(image.data), manifest, context=context) as reader,
        ):
            found = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, ValueError, RecursionError) as problem:
        return " ".join(str(problem).split())[:200]
    return found if isinstance(found, dict) else "the report is no object"


def _may_hold(image: ImageFile) -> bool:
    """Is there a place that may hold credentials? Opening the library costs more than all other metadata together."""
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
    said = [k for k in kinds if k[2] in SOURCE_TYPES]
    line = _line_of_descent(manifests, store.get("active_manifest"))
    declares, own = _declares(said, line), {kind for label, _, kind in kinds if label in line}
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
        captured=not declares and bool(own & CAPTURE_TYPES),
        software_made=not declares and bool(own & SOFTWARE_TYPES),
        ai_assertions=len(said),
        manifests=len(manifests),
        ingredients=len(active.get("ingredients") or []),
        assertions=len(active.get("assertions") or []),
        actions=sum(1 for _ in actions(active)),
        source_types=tuple(sorted({k[2] for k in kinds})),
    )


def _codes(results: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(f.get("code", "")) for f in results.get("failure") or [])


def _ingredient_codes(results: dict[str, Any], manifests: dict[str, Any]) -> Iterator[str]:
    """Failures of ingredients: those that differ now from what was noted when they were taken in, and the notes."""
    for delta in results.get("ingredientDeltas") or []:
        yield from _codes(delta.get("validationDeltas") or {})
    for manifest in manifests.values():
        for ingredient in manifest.get("ingredients") or []:
            yield from (str(noted.get("code", "")) for noted in noted_failures(ingredient))


def noted_failures(ingredient: dict[str, Any]) -> list[dict[str, Any]]:
    """What was broken in an ingredient's credentials when it was taken in: {"code", "url", …} each."""
    # Some writers note successes among them.
    status = [n for n in ingredient.get("validation_status") or [] if isinstance(n, dict)]
    failed = [n for n in status if n.get("success") is not True and not _success(n)]
    results = (ingredient.get("validation_results") or {}).get("activeManifest") or {}
    return failed + [n for n in results.get("failure") or [] if isinstance(n, dict)]


def _success(noted: dict[str, Any]) -> bool:
    return str(noted.get("code", "")).endswith((".match", ".validated", ".trusted", ".insideValidity"))


def actions(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every action that a manifest's assertions list, in order."""
    for assertion in manifest.get("assertions") or []:
        data = assertion.get("data")
        said = data.get("actions") if isinstance(data, dict) else None
        # An assertion of a stranger's own making may hold anything under this name.
        yield from (action for action in (said if isinstance(said, list) else []) if isinstance(action, dict))


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
