"""Declared origin of an image: credentials, generator metadata, camera data and inconsistencies, as sentences."""

from __future__ import annotations

from typing import Any

from cgid.escape import plain
from cgid.forensics.provenance import credentials as provenance_credentials
from cgid.forensics.provenance.camera import camera_name, is_video_game
from cgid.forensics.provenance.history import timeline
from cgid.imaging.image_file import ImageFile
from cgid.metadata import c2pa_sidecar as sidecars
from cgid.metadata import content_credentials
from cgid.metadata.content_credentials import Credentials
from cgid.metadata.exif_checks import Metadata, findings

# Untrusted files: limits on the length of texts and lists.
MAX_CHARS, MAX_SETTING_CHARS, MAX_ITEMS = 200, 1000, 20


def provenance(image: ImageFile) -> dict[str, Any]:
    """{"declares", "by", "statements", "credentials", "timeline", "traces", "findings", "camera", "remote_manifest",
    "sidecar"}.

    declares: `ai`, `partly_ai` or ``; only valid credentials and generator metadata in its proper place count.
    by: the sentence on who declares it. statements: sentences. timeline: the history in the credentials, oldest first,
    see `history.timeline`. Text from the file is truncated and freed of control and direction characters: generator
    settings at MAX_SETTING_CHARS, everything else at MAX_CHARS; lists hold at most MAX_ITEMS (the timeline 50).
    """
    metadata, credentials = image.cached(Metadata), image.cached(content_credentials.read)
    declared = [(t.declares, t.sentence) for t in metadata.marks]
    if credentials and credentials.declares and credentials.intact:
        declared.insert(0, (credentials.declares, provenance_credentials.declaration(credentials)))
    strongest = next((kind for kind in ("ai", "partly_ai") if any(k == kind for k, _ in declared)), "")
    sidecar = plain(image.cached(sidecars.sidecar_name), 80)
    remote = metadata.xmp.first("provenance").startswith(("http://", "https://"))
    statements = (
        [sentence for _, sentence in declared]
        + _settings_statements(metadata)
        + provenance_credentials.statements(credentials)
    )
    statements += _camera_statements(metadata)
    if sidecar:
        statements.append(f"Its content credentials are in a sidecar file ({sidecar}), not in the image.")
    if remote and credentials is None:
        statements.append("The file points to content credentials on a server, which were not fetched.")
    return {
        "declares": strongest,
        "by": plain(next((sentence for kind, sentence in declared if kind == strongest), "")),
        "statements": [plain(s) for s in dict.fromkeys(statements)][:MAX_ITEMS],
        "credentials": _credentials(credentials),
        "timeline": timeline(image),
        "traces": [
            {
                "code": t.code,
                "generator": plain(t.generator),
                "place": plain(t.place),
                "declares": t.declares,
                "settings": {name: plain(text, MAX_SETTING_CHARS) for name, text in t.settings},
            }
            for t in metadata.marks[:MAX_ITEMS]
        ],
        "findings": [{"code": f.code, "reason": f.sentence, "weight": f.weight} for f in findings(metadata)],
        "camera": _camera(metadata),
        "remote_manifest": remote,
        "sidecar": sidecar,
    }


def _credentials(credentials: Credentials | None) -> dict[str, Any] | None:
    if credentials is None:
        return None
    return {
        "fits_picture": credentials.intact if not credentials.unreadable else None,
        "does_not_fit": sorted(credentials.kinds),
        "broken_ingredients": credentials.broken_ingredients,
        "trusted": credentials.trusted,
        "expired": credentials.expired,
        "issuer": plain(credentials.issuer),
        "generator": plain(credentials.generator),
        "agents": [plain(a) for a in credentials.agents[:MAX_ITEMS]],
        "declares": credentials.declares,
        "captured": credentials.captured,
        "software_made": credentials.software_created,
        "source_types": [plain(s) for s in credentials.source_types[:MAX_ITEMS]],
        "codes": [plain(c) for c in (*credentials.codes, *credentials.ingredient_codes)[:MAX_ITEMS]],
        "unreadable": plain(credentials.unreadable),
    }


def _settings_statements(metadata: Metadata) -> list[str]:
    """Generator settings, from the metadata that holds most of them."""
    settings = max((t.settings for t in metadata.marks), key=len, default=())
    shown = {"prompt": 80, "model": 40, "seed": 24}
    parts = [f"{name} “{plain(text, shown[name])}”" for name, text in settings if name in shown]
    return [f"Generator settings in the file: {', '.join(parts)}."] if parts else []


def _camera(metadata: Metadata) -> dict[str, str]:
    taken = metadata.dates.get("DateTimeOriginal")
    return {
        "make": plain(metadata.camera[0]),
        "model": plain(metadata.camera[1]),
        "lens": plain(metadata.tags.get("LensModel", "")),
        "software": plain(metadata.software),
        "taken": taken.isoformat(sep=" ") if taken else "",
        "place": "{:.5f}, {:.5f}".format(*metadata.position) if metadata.position else "",
    }


def _camera_statements(metadata: Metadata) -> list[str]:
    camera = _camera(metadata)
    name = camera_name(camera["make"], camera["model"])
    if name and is_video_game(camera["make"]):
        return [f"EXIF names the camera of a video game ({name}); anyone can write that."]
    return [f"EXIF names a camera ({name}); anyone can write that."] if name else []
