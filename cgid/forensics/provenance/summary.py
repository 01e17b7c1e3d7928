"""What the file itself says about its origin: credentials, generators' traces, camera, oddities, each in words."""

from __future__ import annotations

from typing import Any

from cgid.escape import plain
from cgid.forensics.provenance import credentials as provenance_credentials
from cgid.forensics.provenance.camera import camera_name, of_a_game
from cgid.forensics.provenance.history import timeline
from cgid.imaging.image_file import ImageFile
from cgid.metadata import c2pa_sidecar as sidecars
from cgid.metadata import content_credentials
from cgid.metadata.content_credentials import Credentials
from cgid.metadata.exif_checks import Metadata, findings

# A hostile file may say anything any number of times: no text below is longer than the longer, no list than the most.
LONGEST, LONGEST_SETTING, MOST = 200, 1000, 20


def provenance(image: ImageFile) -> dict[str, Any]:
    """{"declares", "by", "statements", "credentials", "timeline", "traces", "findings", "camera", "remote_manifest",
    "sidecar"}.

    declares: `ai`, `partly_ai` or ``; only credentials that fit the picture and traces in their proper place count.
    by: who declares it. statements: sentences for people. timeline: the history the credentials tell, oldest first, as
    `credentials_timeline.timeline` gives it. Text from the file is cut and freed of control and direction characters:
    a generator's settings at LONGEST_SETTING, everything else at LONGEST; lists hold at most MOST (the timeline 50).
    """
    metadata, credentials = image.once(Metadata), image.once(content_credentials.read)
    declared = [(t.declares, t.sentence) for t in metadata.traces]
    if credentials and credentials.declares and credentials.intact:
        declared.insert(0, (credentials.declares, provenance_credentials.declaration(credentials)))
    strongest = next((kind for kind in ("ai", "partly_ai") if any(k == kind for k, _ in declared)), "")
    sidecar = plain(image.once(sidecars.name), 80)
    remote = metadata.xmp.first("provenance").startswith(("http://", "https://"))
    statements = (
        [words for _, words in declared] + _settings_words(metadata) + provenance_credentials.about(credentials)
    )
    statements += _camera_words(metadata)
    if sidecar:
        statements.append(f"Its content credentials lie in a file beside it ({sidecar}), not in the picture.")
    if remote and credentials is None:
        statements.append("It points to content credentials kept on a server, which were not fetched.")
    return {
        "declares": strongest,
        "by": plain(next((words for kind, words in declared if kind == strongest), "")),
        "statements": [plain(s) for s in dict.fromkeys(statements)][:MOST],
        "credentials": _credentials(credentials),
        "timeline": timeline(image),
        "traces": [
            {
                "code": t.code,
                "generator": plain(t.generator),
                "place": plain(t.place),
                "declares": t.declares,
                "settings": {name: plain(text, LONGEST_SETTING) for name, text in t.settings},
            }
            for t in metadata.traces[:MOST]
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
        "agents": [plain(a) for a in credentials.agents[:MOST]],
        "declares": credentials.declares,
        "captured": credentials.captured,
        "software_made": credentials.software_made,
        "source_types": [plain(s) for s in credentials.source_types[:MOST]],
        "codes": [plain(c) for c in (*credentials.codes, *credentials.ingredient_codes)[:MOST]],
        "unreadable": plain(credentials.unreadable),
    }


def _settings_words(metadata: Metadata) -> list[str]:
    """How the picture was made, by the first generator's field that tells most."""
    told = max((t.settings for t in metadata.traces), key=len, default=())
    shown = {"prompt": 80, "model": 40, "seed": 24}
    parts = [f"{name} “{plain(text, shown[name])}”" for name, text in told if name in shown]
    return [f"The file says how it was made: {', '.join(parts)}."] if parts else []


def _camera(metadata: Metadata) -> dict[str, str]:
    taken = metadata.dates.get("DateTimeOriginal")
    return {
        "make": plain(metadata.camera[0]),
        "model": plain(metadata.camera[1]),
        "lens": plain(metadata.facts.get("LensModel", "")),
        "software": plain(metadata.software),
        "taken": taken.isoformat(sep=" ") if taken else "",
        "place": "{:.5f}, {:.5f}".format(*metadata.position) if metadata.position else "",
    }


def _camera_words(metadata: Metadata) -> list[str]:
    camera = _camera(metadata)
    name = camera_name(camera["make"], camera["model"])
    if name and of_a_game(camera["make"]):
        return [f"EXIF names the camera of a video game ({name}); anybody can write that."]
    return [f"EXIF names a camera ({name}); anybody can write that."] if name else []
