"""Evidence: content credentials (C2PA), the signed provenance of an image."""

from __future__ import annotations

from typing import Any

from cgid.escape import plain
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.provenance import credentials as provenance_credentials
from cgid.forensics.provenance.credentials import merge_repeats
from cgid.metadata import content_credentials
from cgid.metadata.content_credentials import Credentials

SOURCE = "C2PA Technical Specification 2.x, read with the C2PA project's own library; no network access."
MAX_ROWS = 12
_UNVERIFIED = (
    "Anyone can issue a certificate in another's name: a signer who cannot be verified here may be someone else. "
)
_LIMITATIONS = {
    "ai": "Credentials are easily removed, so their absence says nothing. Declaring a photograph AI-generated is "
    "possible and gains little.",
    "broken": "A program that copies metadata without supporting credentials breaks them without any intent to deceive; "
    "a forger would rather remove them.",
    "other": "Credentials state what the signer claims. A photo of a screen or a print can be signed just like one of a scene.",
}


def find(material: Material) -> list[Evidence]:
    credentials = material.image.cached(content_credentials.read)
    provenance = material.check.get("provenance") or {}
    if credentials is None:
        return [_remote()] if provenance.get("remote_manifest") else []
    evidence = [_newest(credentials, provenance.get("timeline") or [])]
    if credentials.broken_ingredients:
        evidence.append(_ingredients(credentials, provenance.get("timeline") or []))
    return evidence


def _newest(credentials: Credentials, timeline: list[dict[str, Any]]) -> Evidence:
    strength, points_to, kind = _weight(credentials)
    declares = credentials.declares and credentials.intact
    sentences = provenance_credentials.statements(credentials)
    return Evidence(
        key="credentials",
        title="Content credentials",
        sentence=provenance_credentials.declaration(credentials) if declares else sentences[0],
        strength=strength,
        points_to=points_to,
        limitations=_LIMITATIONS[kind] if credentials.trusted or kind == "broken" else _UNVERIFIED + _LIMITATIONS[kind],
        number=f"{len(timeline)} manifest{'s' if len(timeline) != 1 else ''}" if timeline else "",
        rows=tuple(_rows(timeline)),
        source=SOURCE,
    )


def _weight(credentials: Credentials) -> tuple[float, str, str]:
    """(strength, points_to, key of _LIMITATIONS): valid credentials that declare AI decide, broken ones only warn."""
    if credentials.unreadable:
        return 0.2, "neither", "other"
    if not credentials.intact:
        return 0.9, "edited", "broken"
    if credentials.declares:
        return 1.0, "ai", "ai"
    if credentials.captured:
        return (0.8 if credentials.trusted else 0.4), "real", "other"
    return (0.4 if credentials.software_created else 0.3), "neither", "other"


def _rows(timeline: list[dict[str, Any]]) -> list[tuple[str, str]]:
    if not timeline:
        return []
    newest = timeline[-1]
    rows = [
        ("Signed by", ", ".join(dict.fromkeys(filter(None, (newest["signer"], newest["certificate"]))))),
        ("Integrity", newest["integrity"]),
        ("Trust", newest["trust"]),
        ("Signed at", newest["signed_at"]),
        ("Written by", newest["generator"]),
        ("Author stated", newest["author"]),
    ]
    rows += [(f"Manifest {n}", _steps_of(entry)) for n, entry in enumerate(timeline[-MAX_ROWS:], 1)]
    return [(label, plain(text)) for label, text in rows if text]


def _steps_of(entry: dict[str, Any]) -> str:
    """Such as `“CA.jpg”: opened, colours adjusted`."""
    steps = [f"{a['words']} ({a['note']})" if a["note"] else a["words"] for a in entry["actions"]]
    named = f"“{plain(entry['title'], 40)}”: " if entry["title"] else ""
    return named + (", ".join(merge_repeats(steps)) or "no action is listed")


def _ingredients(credentials: Credentials, timeline: list[dict[str, Any]]) -> Evidence:
    rows = [(entry["title"], entry["integrity"]) for entry in timeline if not entry["fits"] and not entry["newest"]]
    missing = [used["title"] for entry in timeline for used in entry["ingredients"] if used["missing"]]
    rows += [(title, "Its credentials are referenced but are not in the file.") for title in missing]
    return Evidence(
        key="credentials.ingredients",
        title="Credentials of an earlier version",
        sentence=provenance_credentials.ingredients_sentence(credentials),
        strength=0.15,
        points_to="neither",
        limitations="The newest credentials record that the earlier version was already in this state when it was used.",
        rows=tuple((plain(title or "without a title", 80), plain(sentence)) for title, sentence in rows[:MAX_ROWS]),
        source=SOURCE,
    )


def _remote() -> Evidence:
    return Evidence(
        key="credentials.elsewhere",
        title="Credentials stored remotely",
        sentence="The file points to content credentials on a server, which were not fetched.",
        strength=0.05,
        points_to="neither",
        limitations="Anyone can write such an address; until the credentials are fetched, it proves nothing.",
        source=SOURCE,
    )


KIND = Kind("credentials", find)
