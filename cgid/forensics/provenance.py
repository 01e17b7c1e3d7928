"""What the file itself says about its origin: credentials, generators' traces, camera, oddities, each in words."""

from __future__ import annotations

import unicodedata
from typing import Any

from cgid.features import content_credentials
from cgid.features.content_credentials import Credentials
from cgid.features.exif_rules import Metadata, findings
from cgid.features.image import ImageFile

LONGEST = 200


def provenance(image: ImageFile) -> dict[str, Any]:
    """{"declares", "by", "statements", "credentials", "traces", "findings", "camera", "remote_manifest"}.

    declares: `ai`, `partly_ai` or ``; only credentials that fit the picture and traces in their proper place count.
    by: who declares it. statements: sentences for people. Text from the file is cut and freed of control characters.
    """
    metadata, credentials = Metadata(image), content_credentials.read(image)
    declared = [(t.declares, t.sentence) for t in metadata.traces]
    if credentials and credentials.declares and credentials.active_intact:
        declared.insert(0, (credentials.declares, _declaration(credentials)))
    strongest = next((kind for kind in ("ai", "partly_ai") if any(k == kind for k, _ in declared)), "")
    remote = metadata.xmp.first("provenance").startswith(("http://", "https://"))
    statements = [words for _, words in declared] + _about(credentials) + _camera_words(metadata)
    if remote and credentials is None:
        statements.append("It points to content credentials kept on a server, which were not fetched.")
    return {
        "declares": strongest,
        "by": _plain(next((words for kind, words in declared if kind == strongest), "")),
        "statements": [_plain(s) for s in dict.fromkeys(statements)],
        "credentials": _credentials(credentials),
        "traces": [
            {"code": t.code, "generator": _plain(t.generator), "place": _plain(t.place), "declares": t.declares}
            for t in metadata.traces
        ],
        "findings": [{"code": f.code, "reason": f.sentence, "weight": f.weight} for f in findings(metadata)],
        "camera": _camera(metadata),
        "remote_manifest": remote,
    }


def _signer(credentials: Credentials) -> str:
    signer = credentials.issuer or "an unnamed signer"
    return signer if credentials.trusted else f"{signer}, who cannot be verified here"


def _declaration(credentials: Credentials) -> str:
    what = "AI made it" if credentials.declares == "ai" else "AI made parts of it"
    maker = f"written by {credentials.generator}, " if credentials.generator else ""
    return f"Its content credentials fit the picture and say that {what} ({maker}signed by {_signer(credentials)})."


def _about(credentials: Credentials | None) -> list[str]:
    if credentials is None:
        return []
    if credentials.unreadable:
        return [f"Content credentials are there and cannot be read ({credentials.unreadable})."]
    words = []
    if not credentials.active_intact:
        words.append("Its content credentials do not fit the picture: something was changed after signing.")
        if credentials.declares:
            words.append("They name AI as a source, but what broken credentials say does not count.")
    elif not credentials.ingredients_intact:
        words.append("Its content credentials fit the picture, but those of an earlier version inside do not.")
    elif not credentials.declares:
        words.append(f"Its content credentials fit the picture and name no AI (signed by {_signer(credentials)}).")
    if credentials.active_intact and credentials.expired:
        words.append("The signer's certificate has run out, which is no sign of tampering.")
    return words


def _credentials(credentials: Credentials | None) -> dict[str, Any] | None:
    if credentials is None:
        return None
    return {
        "intact": credentials.intact if not credentials.unreadable else None,
        "fits_picture": credentials.active_intact if not credentials.unreadable else None,
        "trusted": credentials.trusted,
        "expired": credentials.expired,
        "issuer": _plain(credentials.issuer),
        "generator": _plain(credentials.generator),
        "declares": credentials.declares,
        "source_types": [_plain(s) for s in credentials.source_types],
        "codes": [_plain(c) for c in (*credentials.codes, *credentials.ingredient_codes)],
        "unreadable": _plain(credentials.unreadable),
    }


def _camera(metadata: Metadata) -> dict[str, str]:
    taken = metadata.dates.get("DateTimeOriginal")
    return {
        "make": _plain(metadata.facts.get("Make", "")),
        "model": _plain(metadata.facts.get("Model", "")),
        "lens": _plain(metadata.facts.get("LensModel", "")),
        "software": _plain(metadata.software),
        "taken": taken.isoformat(sep=" ") if taken else "",
    }


def _camera_words(metadata: Metadata) -> list[str]:
    camera = _camera(metadata)
    name = " ".join(filter(None, (camera["make"], camera["model"])))
    return [f"EXIF names a camera ({name}); anybody can write that."] if name else []


def _plain(text: Any) -> str:
    """Text of a stranger's file, fit to be shown: no control or direction characters, at most 200 characters."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text)[: 4 * LONGEST])
    kept = " ".join(kept.split())
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1] + "…"
