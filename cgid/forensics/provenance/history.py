"""History in content credentials: every manifest of the store in order, the newest last, and their thumbnails.

A manifest describes one version of the image, or of an ingredient. Integrity (is it unchanged since signing?) and trust
(is the signer on this installation's trust list?) are separate: an unknown signer or an expired certificate is no sign
of tampering. The statements of a manifest are the signer's claims; those of a broken manifest do not count.

Thumbnails are covered by the signature: in a valid manifest they show the image as it was when it was signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.escape import plain
from cgid.forensics.provenance.credentials import (
    MAX_CHARS,
    RELATIONSHIPS,
    describe_action,
    describe_failures,
    origin_of,
)
from cgid.imaging.decoders import decode_preview
from cgid.imaging.display import thumbnail
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from cgid.metadata.c2pa_trust import failure_kind

MAX_ENTRIES, MAX_ACTIONS, MAX_INGREDIENTS = 50, 12, 12
_LABEL = re.compile(r"/c2pa/([^/]+)")


def timeline(image: ImageFile) -> list[dict[str, Any]]:
    """An entry per manifest, ingredients before the images that use them; the newest MAX_ENTRIES.

    {"title", "generator", "signer", "certificate", "signed_at", "newest", "linked", "actions": [as `describe_action`],
    "more_actions", "ingredients": [{"title", "use", "entry", "missing"}], "more_ingredients", "author", "fits",
    "does_not_fit": kinds, "noted": the failure was recorded when the ingredient was added, "trusted", "expired",
    "made_by", "integrity", "trust": sentences}. entry: index of the ingredient's own entry, or None. Empty without
    credentials or where they cannot be read. Raises InputError on a bad trust list only.
    """
    store = image.cached(content_credentials.manifest_store)
    if not isinstance(store, dict):
        return []
    manifests, active = _manifests(store), store.get("active_manifest")
    order, linked = _order(manifests, active)
    order = order[-MAX_ENTRIES:]
    failures, trusted = _failures(store, manifests, active), _trusted(store)
    positions = {label: n for n, label in enumerate(order)}
    return [
        _entry(manifests[label], positions, failures.get(label, []), label in trusted, label in linked, label == active)
        for label in order
    ]


def thumbnail_names(image: ImageFile) -> list[tuple[str, list[str]]]:
    """(name of its own thumbnail, names of its ingredients') for each entry of `timeline`, for
    `content_credentials.resources`; an empty name where there is none."""
    store = image.cached(content_credentials.manifest_store)
    if not isinstance(store, dict):
        return []
    manifests = _manifests(store)
    order, _ = _order(manifests, store.get("active_manifest"))
    listed = [manifests[label] for label in order[-MAX_ENTRIES:]]
    return [(_name(m), [_name(i) for i in _dicts(m.get("ingredients"))[:MAX_INGREDIENTS]]) for m in listed]


def _name(holder: dict[str, Any]) -> str:
    return _text(_dict(holder.get("thumbnail")).get("identifier"))


def _manifests(store: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {k: m for k, m in _dict(store.get("manifests")).items() if isinstance(m, dict)}


def _entry(
    manifest: dict[str, Any],
    positions: dict[str, int],
    failures: list[tuple[str, bool]],
    trusted: bool,
    linked: bool,
    newest: bool,
) -> dict[str, Any]:
    signed = _dict(manifest.get("signature_info"))
    actions = list(content_credentials.actions(manifest))
    ingredients = _dicts(manifest.get("ingredients"))
    kinds = {failure_kind(code) for code, _ in failures} - {"", "ingredient"}
    noted = bool(kinds) and all(before for code, before in failures if failure_kind(code) in kinds)
    expired = any(code == "signingCredential.expired" for code, _ in failures)
    shown = [describe_action(a) for a in actions[:MAX_ACTIONS]]
    return {
        "title": plain(_text(manifest.get("title")), MAX_CHARS),
        "generator": plain(generator(manifest), MAX_CHARS),
        "signer": plain(_text(signed.get("issuer")), MAX_CHARS),
        "certificate": plain(_text(signed.get("common_name")), MAX_CHARS),
        "signed_at": plain(_text(signed.get("time")), 32),
        "newest": newest,
        "linked": linked,
        "actions": shown,
        "more_actions": max(0, len(actions) - MAX_ACTIONS),
        "ingredients": [_ingredient(i, positions) for i in ingredients[:MAX_INGREDIENTS]],
        "more_ingredients": max(0, len(ingredients) - MAX_INGREDIENTS),
        "author": plain(_author(manifest), MAX_CHARS),
        "fits": not kinds,
        "does_not_fit": sorted(kinds),
        "noted": noted,
        "trusted": trusted,
        "expired": expired,
        "made_by": _origin(manifest, actions),
        "integrity": _integrity(kinds, newest, noted),
        "trust": _trust(trusted, expired),
    }


def generator(manifest: dict[str, Any]) -> str:
    """The program that wrote the manifest (claim generator)."""
    named = [_text(i.get("name")) for i in _dicts(manifest.get("claim_generator_info"))]
    return ", ".join(filter(None, named)) or _text(manifest.get("claim_generator"))


def _integrity(kinds: set[str], newest: bool, noted: bool) -> str:
    if kinds:
        when = ", as recorded when it was added" if noted else ""
        return f"Not valid: {describe_failures(kinds)}{when}."
    if newest:
        return "Valid: signature, assertions and image bytes are those that were signed."
    return "No failure detected; the earlier image itself is not available for comparison."


def _trust(trusted: bool, expired: bool) -> str:
    known = "The signer is on the trust list" if trusted else "The signer cannot be verified here"
    return f"{known}; the certificate has expired, which is no sign of tampering." if expired else f"{known}."


def _origin(manifest: dict[str, Any], actions: list[dict[str, Any]]) -> str:
    """`ai` where AI created the image, `partly_ai` where AI took part in a later step, `camera`, `software` or ``."""
    stated = [_dict(a.get("data")).get("digitalSourceType") for a in _dicts(manifest.get("assertions"))]
    steps = [(_text(a.get("action")), a.get("digitalSourceType")) for a in actions] + [("", s) for s in stated]
    origins = [(a, origin_of(content_credentials.source_type(kind))) for a, kind in steps if isinstance(kind, str)]
    if ("c2pa.created", "ai") in origins or ("", "ai") in origins:
        return "ai"
    distinct = {origin for _, origin in origins}
    if distinct & {"ai", "partly_ai"}:
        return "partly_ai"
    return next((origin for origin in ("camera", "software") if origin in distinct), "")


def _ingredient(ingredient: dict[str, Any], positions: dict[str, int]) -> dict[str, Any]:
    label, use = ingredient.get("active_manifest"), _text(ingredient.get("relationship"))
    entry = positions.get(label) if isinstance(label, str) else None
    title = plain(_text(ingredient.get("title")), MAX_CHARS)
    use = RELATIONSHIPS.get(use, plain(use, MAX_CHARS))
    return {"title": title, "use": use, "entry": entry, "missing": bool(label) and entry is None}


def _author(manifest: dict[str, Any]) -> str:
    named = []
    for assertion in _dicts(manifest.get("assertions")):
        if assertion.get("label") == "stds.schema-org.CreativeWork":
            named += [_text(a.get("name")) for a in _dicts(_dict(assertion.get("data")).get("author"))]
    return ", ".join(filter(None, named))


def _order(manifests: dict[str, Any], active: Any) -> tuple[list[str], set[str]]:
    """(labels, ingredients before their users, unreferenced manifests first; labels reachable from the active one)."""
    linked = _reachable(manifests, active, {})
    rest: dict[str, None] = dict(linked)
    for label in sorted(manifests):
        rest = _reachable(manifests, label, rest)
    return [n for n in rest if n not in linked] + list(linked), set(linked)


def _reachable(manifests: dict[str, Any], start: Any, seen: dict[str, None]) -> dict[str, None]:
    """`seen`, followed by the manifest with all its ingredients in post-order; cycles are cut."""
    done, entered, stack = dict(seen), set(), [(start, False)]
    while stack:
        label, finished = stack.pop()
        if finished:
            done[label] = None
        elif isinstance(label, str) and label in manifests and label not in done and label not in entered:
            entered.add(label)
            ingredients = _dicts(manifests[label].get("ingredients"))
            stack += [(label, True), *((i.get("active_manifest"), False) for i in reversed(ingredients))]
    return done


def _failures(store: dict[str, Any], manifests: dict[str, Any], active: Any) -> dict[str, list[tuple[str, bool]]]:
    """{label: [(code, whether it was recorded when the ingredient was added)]}."""
    result: dict[str, list[tuple[str, bool]]] = {}

    def add(problem: dict[str, Any], otherwise: Any, noted: bool) -> None:
        match = _LABEL.search(_text(problem.get("url")))
        label = match.group(1) if match and match.group(1) in manifests else otherwise
        if isinstance(label, str):
            result.setdefault(label, []).append((_text(problem.get("code")), noted))

    results = _dict(store.get("validation_results"))
    for problem in _dicts(_dict(results.get("activeManifest")).get("failure")):
        add(problem, active, False)
    for delta in _dicts(results.get("ingredientDeltas")):
        for problem in _dicts(_dict(delta.get("validationDeltas")).get("failure")):
            add(problem, None, False)
    for manifest in manifests.values():
        for ingredient in _dicts(manifest.get("ingredients")):
            for problem in content_credentials.recorded_failures(ingredient):
                add(problem, ingredient.get("active_manifest"), True)
    return result


def _trusted(store: dict[str, Any]) -> set[str]:
    """Labels of the manifests whose signer is on the trust list."""
    results = _dict(store.get("validation_results"))
    newest = _dicts(_dict(results.get("activeManifest")).get("success"))
    deltas = [_dict(d.get("validationDeltas")).get("success") for d in _dicts(results.get("ingredientDeltas"))]
    statuses = [*newest, *(status for d in deltas for status in _dicts(d))]
    urls = (_text(status.get("url")) for status in statuses if status.get("code") == "signingCredential.trusted")
    return {match.group(1) for url in urls if (match := _LABEL.search(url))}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


MAX_THUMBNAILS, MAX_THUMBNAIL_PIXELS, THUMBNAIL_SIDE = 40, 4_000_000, 200


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """own: uint8 (H, W, 3), at most THUMBNAIL_SIDE px a side, or None. ingredients: one each, in the entry's order."""

    own: np.ndarray | None
    ingredients: tuple[np.ndarray | None, ...]


def thumbnails(image: ImageFile) -> list[Thumbnails]:
    """One per entry of `provenance["timeline"]`; at most MAX_THUMBNAILS images, the newest manifests' first. Never
    raises.
    """
    named = thumbnail_names(image)
    names = [name for own, used in reversed(named) for name in (own, *used) if name]
    names = list(dict.fromkeys(names))[:MAX_THUMBNAILS]
    resources = content_credentials.resources(image, names) if names else {}
    pictures = {name: decode_thumbnail(data) for name, data in resources.items()}
    return [Thumbnails(pictures.get(own), tuple(pictures.get(name) for name in used)) for own, used in named]


def decode_thumbnail(data: bytes) -> np.ndarray | None:
    """Pixels of a JPEG or PNG of at most MAX_THUMBNAIL_PIXELS; None for anything else."""
    pixels = decode_preview(data, MAX_THUMBNAIL_PIXELS, ("JPEG", "PNG"))
    return None if pixels is None else thumbnail(pixels, THUMBNAIL_SIDE)
