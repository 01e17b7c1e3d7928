"""The history that content credentials tell: every manifest of the store in order, the newest last.

A manifest is one signed account of one version of the picture or of a picture placed in it. Integrity (does it hold?)
and trust (does this machine know the signer?) are told apart: an unknown signer or a certificate that has run out says
nothing about tampering. What a manifest states is the signer's word; where it does not hold, it is nobody's.

The small pictures that content credentials keep: what each account, and each picture it was made of, looked like.

They are part of what was signed, so in an account that holds they are what its signer put there, before any later edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from cgid.escape import plain
from cgid.forensics.provenance.credentials import LONGEST, RELATIONSHIPS, made_by, reasons, told
from cgid.imaging.decoders import decode_preview
from cgid.imaging.display import fit
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from cgid.metadata.c2pa_trust import kind_of

MOST_ENTRIES, MOST_ACTIONS, MOST_INGREDIENTS = 50, 12, 12
_LABEL = re.compile(r"/c2pa/([^/]+)")


def timeline(image: ImageFile) -> list[dict[str, Any]]:
    """An entry per manifest, ingredients before what was made of them, at most MOST_ENTRIES, the newest kept.

    {"title", "generator", "signer", "certificate", "signed_at", "newest", "linked", "actions": [as `told`],
    "more_actions", "ingredients": [{"title", "use", "entry", "missing"}], "more_ingredients", "author", "fits",
    "does_not_fit": kinds, "noted": the failure was known when it was taken in, "trusted", "expired", "made_by",
    "integrity", "trust": sentences}. entry: index of the ingredient's own entry, or None. Empty without credentials or
    where they cannot be read. Raises InputError on a bad trust list only.
    """
    store = image.once(content_credentials.store)
    if not isinstance(store, dict):
        return []
    manifests, active = _manifests(store), store.get("active_manifest")
    order, linked = _order(manifests, active)
    order = order[-MOST_ENTRIES:]
    failures, trusted = _failures(store, manifests, active), _trusted(store)
    places = {label: n for n, label in enumerate(order)}
    return [
        _entry(manifests[label], places, failures.get(label, []), label in trusted, label in linked, label == active)
        for label in order
    ]


def thumbnail_names(image: ImageFile) -> list[tuple[str, list[str]]]:
    """(name of its own thumbnail, names of its ingredients') for each entry of `timeline`, for
    `content_credentials.resources`; an empty name where there is none."""
    store = image.once(content_credentials.store)
    if not isinstance(store, dict):
        return []
    manifests = _manifests(store)
    order, _ = _order(manifests, store.get("active_manifest"))
    kept = [manifests[label] for label in order[-MOST_ENTRIES:]]
    return [(_name(m), [_name(i) for i in _dicts(m.get("ingredients"))[:MOST_INGREDIENTS]]) for m in kept]


def _name(holder: dict[str, Any]) -> str:
    return _text(_dict(holder.get("thumbnail")).get("identifier"))


def _manifests(store: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {k: m for k, m in _dict(store.get("manifests")).items() if isinstance(m, dict)}


def _entry(
    manifest: dict[str, Any],
    places: dict[str, int],
    failures: list[tuple[str, bool]],
    trusted: bool,
    linked: bool,
    newest: bool,
) -> dict[str, Any]:
    signed = _dict(manifest.get("signature_info"))
    actions = list(content_credentials.actions(manifest))
    ingredients = _dicts(manifest.get("ingredients"))
    kinds = {kind_of(code) for code, _ in failures} - {"", "ingredient"}
    noted = bool(kinds) and all(before for code, before in failures if kind_of(code) in kinds)
    expired = any(code == "signingCredential.expired" for code, _ in failures)
    shown = [told(a) for a in actions[:MOST_ACTIONS]]
    return {
        "title": plain(_text(manifest.get("title")), LONGEST),
        "generator": plain(generator(manifest), LONGEST),
        "signer": plain(_text(signed.get("issuer")), LONGEST),
        "certificate": plain(_text(signed.get("common_name")), LONGEST),
        "signed_at": plain(_text(signed.get("time")), 32),
        "newest": newest,
        "linked": linked,
        "actions": shown,
        "more_actions": max(0, len(actions) - MOST_ACTIONS),
        "ingredients": [_ingredient(i, places) for i in ingredients[:MOST_INGREDIENTS]],
        "more_ingredients": max(0, len(ingredients) - MOST_INGREDIENTS),
        "author": plain(_author(manifest), LONGEST),
        "fits": not kinds,
        "does_not_fit": sorted(kinds),
        "noted": noted,
        "trusted": trusted,
        "expired": expired,
        "made_by": _made_by(manifest, actions),
        "integrity": _integrity(kinds, newest, noted),
        "trust": _trust(trusted, expired),
    }


def generator(manifest: dict[str, Any]) -> str:
    """The program that wrote the account."""
    named = [_text(i.get("name")) for i in _dicts(manifest.get("claim_generator_info"))]
    return ", ".join(filter(None, named)) or _text(manifest.get("claim_generator"))


def _integrity(kinds: set[str], newest: bool, noted: bool) -> str:
    if kinds:
        when = ", which was noted when it was taken in" if noted else ""
        return f"Does not fit: {reasons(kinds)}{when}."
    if newest:
        return "Fits: signature, statements and the picture's bytes are those that were signed."
    return "Nothing broken was found in it; the earlier picture itself is not here to be compared."


def _trust(trusted: bool, expired: bool) -> str:
    known = "The signer is on the trust list" if trusted else "The signer cannot be verified here"
    return f"{known}; the certificate has run out, which is no sign of tampering." if expired else f"{known}."


def _made_by(manifest: dict[str, Any], actions: list[dict[str, Any]]) -> str:
    """`ai` where it was created by AI, `partly_ai` where a later step was, `camera`, `software` or ``."""
    stated = [_dict(a.get("data")).get("digitalSourceType") for a in _dicts(manifest.get("assertions"))]
    steps = [(_text(a.get("action")), a.get("digitalSourceType")) for a in actions] + [("", s) for s in stated]
    said = [(a, made_by(content_credentials.source_type(kind))) for a, kind in steps if isinstance(kind, str)]
    if ("c2pa.created", "ai") in said or ("", "ai") in said:
        return "ai"
    found = {maker for _, maker in said}
    if found & {"ai", "partly_ai"}:
        return "partly_ai"
    return next((maker for maker in ("camera", "software") if maker in found), "")


def _ingredient(ingredient: dict[str, Any], places: dict[str, int]) -> dict[str, Any]:
    label, use = ingredient.get("active_manifest"), _text(ingredient.get("relationship"))
    entry = places.get(label) if isinstance(label, str) else None
    title = plain(_text(ingredient.get("title")), LONGEST)
    use = RELATIONSHIPS.get(use, plain(use, LONGEST))
    return {"title": title, "use": use, "entry": entry, "missing": bool(label) and entry is None}


def _author(manifest: dict[str, Any]) -> str:
    named = []
    for assertion in _dicts(manifest.get("assertions")):
        if assertion.get("label") == "stds.schema-org.CreativeWork":
            named += [_text(a.get("name")) for a in _dicts(_dict(assertion.get("data")).get("author"))]
    return ", ".join(filter(None, named))


def _order(manifests: dict[str, Any], active: Any) -> tuple[list[str], set[str]]:
    """(labels, ingredients before their users, those that nothing leads to first; labels the active one leads to)."""
    linked = _below(manifests, active, {})
    rest: dict[str, None] = dict(linked)
    for label in sorted(manifests):
        rest = _below(manifests, label, rest)
    return [n for n in rest if n not in linked] + list(linked), set(linked)


def _below(manifests: dict[str, Any], start: Any, seen: dict[str, None]) -> dict[str, None]:
    """`seen`, and after it the manifest with all its ingredients, each after its own; a circle is cut where it closes."""
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
    """{label: [(code, was it noted when the ingredient was taken in)]}."""
    found: dict[str, list[tuple[str, bool]]] = {}

    def add(problem: dict[str, Any], otherwise: Any, noted: bool) -> None:
        match = _LABEL.search(_text(problem.get("url")))
        label = match.group(1) if match and match.group(1) in manifests else otherwise
        if isinstance(label, str):
            found.setdefault(label, []).append((_text(problem.get("code")), noted))

    results = _dict(store.get("validation_results"))
    for problem in _dicts(_dict(results.get("activeManifest")).get("failure")):
        add(problem, active, False)
    for delta in _dicts(results.get("ingredientDeltas")):
        for problem in _dicts(_dict(delta.get("validationDeltas")).get("failure")):
            add(problem, None, False)
    for manifest in manifests.values():
        for ingredient in _dicts(manifest.get("ingredients")):
            for problem in content_credentials.noted_failures(ingredient):
                add(problem, ingredient.get("active_manifest"), True)
    return found


def _trusted(store: dict[str, Any]) -> set[str]:
    """Labels of the manifests whose signer is on the trust list."""
    results = _dict(store.get("validation_results"))
    newest = _dicts(_dict(results.get("activeManifest")).get("success"))
    deltas = [_dict(d.get("validationDeltas")).get("success") for d in _dicts(results.get("ingredientDeltas"))]
    said = [*newest, *(one for d in deltas for one in _dicts(d))]
    urls = (_text(one.get("url")) for one in said if one.get("code") == "signingCredential.trusted")
    return {match.group(1) for url in urls if (match := _LABEL.search(url))}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


MOST, MOST_PIXELS, SIDE = 40, 4_000_000, 200


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """own: uint8 (H, W, 3), at most SIDE px a side, or None. ingredients: one each, in the entry's order."""

    own: np.ndarray | None
    ingredients: tuple[np.ndarray | None, ...]


def thumbnails(image: ImageFile) -> list[Thumbnails]:
    """One per entry of `provenance["timeline"]`; at most MOST pictures, the newest accounts' first. Never raises."""
    named = thumbnail_names(image)
    wanted = [name for own, used in reversed(named) for name in (own, *used) if name]
    wanted = list(dict.fromkeys(wanted))[:MOST]
    found = content_credentials.resources(image, wanted) if wanted else {}
    drawn = {name: decoded(data) for name, data in found.items()}
    return [Thumbnails(drawn.get(own), tuple(drawn.get(name) for name in used)) for own, used in named]


def decoded(data: bytes) -> np.ndarray | None:
    """Pixels of a JPEG or PNG of a thumbnail's size; None of anything else."""
    pixels = decode_preview(data, MOST_PIXELS, ("JPEG", "PNG"))
    return None if pixels is None else fit(pixels, SIDE)
