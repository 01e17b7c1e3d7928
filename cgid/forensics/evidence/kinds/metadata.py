"""Evidence: camera data, missing metadata, metadata inconsistencies, traces of editing programs, and quoted texts.

Anyone can write metadata, so none of it decides; that a file has none is common and is reported as such.
"""

from __future__ import annotations

from cgid.escape import plain
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.provenance.camera import camera_name, camera_settings, is_video_game
from cgid.metadata.exif_checks import Finding, Metadata, findings

CAMERA_SOURCE = "EXIF 2.32 (CIPA DC-008)."
CAMERA_LIMITATIONS = "EXIF is plain text in the file: it can be copied from any photograph or invented in seconds."


def find_camera(material: Material) -> list[Evidence]:
    metadata = material.image.cached(Metadata)
    rows, name = tuple(camera_settings(metadata)), camera_name(*metadata.camera)
    if name and is_video_game(metadata.camera[0]):
        sentence = f"EXIF names the camera of a video game ({name}): a rendered image, if that is true."
        return [
            Evidence(
                "camera", "Camera data", sentence, 0.3, "neither", CAMERA_LIMITATIONS, rows=rows, source=CAMERA_SOURCE
            )
        ]
    if name:
        more = f" and {len(rows) - 1} more fields" if len(rows) > 2 else ""
        sentence = f"EXIF names a camera ({name}){more}; anyone can write that."
        return [
            Evidence(
                "camera", "Camera data", sentence, 0.15, "real", CAMERA_LIMITATIONS, rows=rows, source=CAMERA_SOURCE
            )
        ]
    if rows:
        sentence = "EXIF describes the image and names no camera."
        return [
            Evidence(
                "camera", "Camera data", sentence, 0.02, "neither", CAMERA_LIMITATIONS, rows=rows, source=CAMERA_SOURCE
            )
        ]
    return []


CAMERA = Kind("camera", find_camera)


def find_no_metadata(material: Material) -> list[Evidence]:
    provenance = material.check.get("provenance") or {}
    metadata = material.image.cached(Metadata)
    if provenance.get("statements") or metadata.tags or metadata.texts or metadata.xmp.present:
        return []
    return [
        Evidence(
            key="silence",
            title="No metadata",
            sentence="No credentials, no trace of a generator, no camera data: this is true of most images on the web.",
            strength=0.01,
            points_to="neither",
            limitations="Websites and messengers remove metadata from photographs and AI images alike.",
        )
    ]


NO_METADATA = Kind("silence", find_no_metadata)


# Reported by other kinds.
_OTHER_KINDS = {"generator", "partly_ai", "thumbnail", "editor"}
MAX_INCONSISTENCY_STRENGTH, MAX_STEPS = 0.35, 12


def find_inconsistencies(material: Material) -> list[Evidence]:
    metadata = material.image.cached(Metadata)
    all_findings = findings(metadata)
    inconsistent = [f for f in all_findings if f.code not in _OTHER_KINDS]
    evidence = [_inconsistencies(inconsistent)] if inconsistent else []
    if metadata.xmp.history or any(f.code == "editor" for f in all_findings):
        evidence.append(_edited(metadata))
    return evidence


def _inconsistencies(listed: list[Finding]) -> Evidence:
    weight = min(MAX_INCONSISTENCY_STRENGTH, sum(f.weight for f in listed))
    more = f" {len(listed) - 1} more inconsistencies are listed." if len(listed) > 1 else ""
    return Evidence(
        key="oddities",
        title="Metadata inconsistencies",
        sentence=listed[0].sentence + more,
        strength=weight,
        points_to="edited" if weight >= 0.2 else "neither",
        limitations="Old cameras, wrong clocks and faulty programs write inconsistent metadata into authentic images.",
        number=f"{len(listed)} inconsistenc{'y' if len(listed) == 1 else 'ies'}",
        rows=tuple((f"weight {f.weight:.2f}", f.sentence) for f in listed),
    )


def _edited(metadata: Metadata) -> Evidence:
    xmp = metadata.xmp
    software, steps = plain(metadata.software, 80), xmp.history
    named = f"The file was saved by an image editor ({software})" if software else "The file was edited"
    counted = f"; its history lists {steps} step{'s' if steps != 1 else ''}" if steps else ""
    agents, times = xmp.values.get("softwareAgent", []), xmp.values.get("when", [])
    rows = [("Program", software)] if software else []
    for number, action in enumerate(xmp.values.get("action", [])[:MAX_STEPS]):
        # The lists are aligned only where every step has all three.
        agent = agents[number] if len(agents) == steps else ""
        time = times[number] if len(times) == steps else ""
        rows.append((f"Step {number + 1}", plain(", ".join(filter(None, (action, agent, time))))))
    return Evidence(
        key="oddities.editor",
        title="Saved by an image editor",
        sentence=f"{named}{counted}.",
        strength=0.2,
        points_to="edited",
        limitations="Developing, cropping or resizing a photograph is ordinary and leaves the same entries; whoever wants to "
        "hide an edit removes them.",
        number=f"{steps} steps" if steps else "",
        rows=tuple(rows),
        source="EXIF Software; XMP Media Management (ISO 16684-2).",
    )


INCONSISTENCIES = Kind("oddities", find_inconsistencies)


MAX_TEXTS, MAX_TEXT_CHARS = 12, 200
# Reported with the camera.
_CAMERA_FIELDS = {"Make", "Model", "Software", "Artist", "Copyright"}


def quoted(metadata: Metadata) -> list[tuple[str, str]]:
    """(place, text) of texts that belong to no generator's format; empty where generator metadata is present."""
    if metadata.marks:
        return []
    texts = [
        (plain(f"{t.place}: {t.key}", 60), plain(t.text, MAX_TEXT_CHARS))
        for t in metadata.texts[:200]
        if t.place != "EXIF" or t.key not in _CAMERA_FIELDS
    ]
    return [(place, text) for place, text in dict.fromkeys(texts) if text]


def find_texts(material: Material) -> list[Evidence]:
    rows = quoted(material.image.cached(Metadata))
    if not rows:
        return []
    many = f"{len(rows)} texts" if len(rows) > 1 else "one text"
    return [
        Evidence(
            key="texts",
            title="Titles, captions, comments",
            sentence=f"The file contains {many} in free-text fields, not in the format of a known generator.",
            strength=0.02,
            points_to="neither",
            limitations="Anyone can write anything here, including the word AI; it is quoted and carries no weight.",
            rows=tuple(rows[:MAX_TEXTS]),
        )
    ]


TEXTS = Kind("texts", find_texts)

KINDS = (
    CAMERA,
    NO_METADATA,
    INCONSISTENCIES,
    TEXTS,
)
