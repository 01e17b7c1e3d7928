"""Evidence: content credentials, signed accounts of where a picture comes from."""

from __future__ import annotations

from typing import Any

from cgid.escape import plain
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.provenance import credentials as provenance_credentials
from cgid.forensics.provenance.credentials import counted
from cgid.metadata import content_credentials
from cgid.metadata.content_credentials import Credentials

SOURCE = "C2PA Technical Specification 2.x, read by the C2PA project's own library; no network."
MOST_ROWS = 12
_NAMELESS = (
    "Anybody can make a certificate in another's name: a signer who cannot be verified here may be somebody else. "
)
_FOOLED = {
    "ai": "Credentials are easily removed, so their absence says nothing. Calling a photograph AI-made is possible "
    "and gains little.",
    "broken": "A program that keeps metadata without understanding credentials breaks them without any ill will; who "
    "wants to forge would rather remove them.",
    "other": "Credentials tell what the signer says. A picture of a screen or a print is signed as readily as a scene.",
}


def find(material: Material) -> list[Evidence]:
    credentials = material.image.once(content_credentials.read)
    said = material.found.get("provenance") or {}
    if credentials is None:
        return [_elsewhere()] if said.get("remote_manifest") else []
    pieces = [_own(credentials, said.get("timeline") or [])]
    if credentials.broken_ingredients:
        pieces.append(_ingredients(credentials, said.get("timeline") or []))
    return pieces


def _own(credentials: Credentials, timeline: list[dict[str, Any]]) -> Evidence:
    strength, points_to, about = _weight(credentials)
    declares = credentials.declares and credentials.intact
    words = provenance_credentials.about(credentials)
    return Evidence(
        key="credentials",
        title="Content credentials",
        sentence=provenance_credentials.declaration(credentials) if declares else words[0],
        strength=strength,
        points_to=points_to,
        fooled_by=_FOOLED[about] if credentials.trusted or about == "broken" else _NAMELESS + _FOOLED[about],
        number=f"{len(timeline)} signed account{'s' if len(timeline) != 1 else ''}" if timeline else "",
        rows=tuple(_rows(timeline)),
        source=SOURCE,
    )


def _weight(credentials: Credentials) -> tuple[float, str, str]:
    """(strength, points_to, key of _FOOLED): a declaration that fits decides, one that does not fit warns."""
    if credentials.unreadable:
        return 0.2, "neither", "other"
    if not credentials.intact:
        return 0.9, "edited", "broken"
    if credentials.declares:
        return 1.0, "ai", "ai"
    if credentials.captured:
        return (0.8 if credentials.trusted else 0.4), "real", "other"
    return (0.4 if credentials.software_made else 0.3), "neither", "other"


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
    rows += [(f"Account {n}", _account(entry)) for n, entry in enumerate(timeline[-MOST_ROWS:], 1)]
    return [(label, plain(text)) for label, text in rows if text]


def _account(entry: dict[str, Any]) -> str:
    """Such as `“CA.jpg”: opened, colours adjusted`."""
    steps = [f"{a['words']} ({a['note']})" if a["note"] else a["words"] for a in entry["actions"]]
    named = f"“{plain(entry['title'], 40)}”: " if entry["title"] else ""
    return named + (", ".join(counted(steps)) or "no step is listed")


def _ingredients(credentials: Credentials, timeline: list[dict[str, Any]]) -> Evidence:
    told = [(entry["title"], entry["integrity"]) for entry in timeline if not entry["fits"] and not entry["newest"]]
    gone = [used["title"] for entry in timeline for used in entry["ingredients"] if used["missing"]]
    told += [(title, "Its credentials are named and are not in the file.") for title in gone]
    return Evidence(
        key="credentials.ingredients",
        title="Credentials of an earlier version",
        sentence=provenance_credentials.ingredients(credentials),
        strength=0.15,
        points_to="neither",
        fooled_by="The newest credentials tell that they took it in so: it is an old story, honestly told.",
        rows=tuple((plain(title or "without a title", 80), plain(words)) for title, words in told[:MOST_ROWS]),
        source=SOURCE,
    )


def _elsewhere() -> Evidence:
    return Evidence(
        key="credentials.elsewhere",
        title="Credentials kept elsewhere",
        sentence="It points to content credentials kept on a server, which were not fetched.",
        strength=0.05,
        points_to="neither",
        fooled_by="Anybody can write such an address; without fetching it, it is a promise.",
        source=SOURCE,
    )


KIND = Kind("credentials", find)
