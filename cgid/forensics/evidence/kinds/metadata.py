"""Evidence: what EXIF says about the camera, which anybody can write.

Evidence: a file that says nothing about itself, which is ordinary and is told as such.

Evidence: statements in the metadata that contradict each other or the picture, and programs that edited it.

Evidence: titles, captions and comments in the file, quoted; what anybody may write, and what counts for nothing.
"""

from __future__ import annotations

from cgid.escape import plain
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.forensics.provenance.camera import camera_facts, camera_name, of_a_game
from cgid.metadata.exif_checks import Finding, Metadata, findings

SOURCE = "EXIF 2.32 (CIPA DC-008)."
FOOLED = "EXIF is plain text in the file: it can be copied from any photograph or made up in a second."


def find(material: Material) -> list[Evidence]:
    metadata = material.image.once(Metadata)
    rows, name = tuple(camera_facts(metadata)), camera_name(*metadata.camera)
    if name and of_a_game(metadata.camera[0]):
        sentence = f"EXIF names the camera of a video game ({name}): a rendered picture, if it is true."
        return [Evidence("camera", "Camera data", sentence, 0.3, "neither", FOOLED, rows=rows, source=SOURCE)]
    if name:
        more = f" and {len(rows) - 1} more facts" if len(rows) > 2 else ""
        sentence = f"EXIF names a camera ({name}){more}; anybody can write that."
        return [Evidence("camera", "Camera data", sentence, 0.15, "real", FOOLED, rows=rows, source=SOURCE)]
    if rows:
        sentence = "EXIF holds facts about the picture and names no camera."
        return [Evidence("camera", "Camera data", sentence, 0.02, "neither", FOOLED, rows=rows, source=SOURCE)]
    return []


CAMERA = Kind("camera", find)


def find_silence(material: Material) -> list[Evidence]:
    said = material.found.get("provenance") or {}
    metadata = material.image.once(Metadata)
    if said.get("statements") or metadata.facts or metadata.texts or metadata.xmp.present:
        return []
    return [
        Evidence(
            key="silence",
            title="The file says nothing",
            sentence="No credentials, no trace of a generator, no camera data: most pictures on the web are so.",
            strength=0.01,
            points_to="neither",
            fooled_by="Websites and messengers remove metadata from photographs and AI images alike.",
        )
    ]


SILENCE = Kind("silence", find_silence)


# Told by kinds of their own.
_ELSEWHERE = {"generator", "partly_ai", "thumbnail", "editor"}
STRONGEST, MOST_STEPS = 0.35, 12


def find_oddities(material: Material) -> list[Evidence]:
    metadata = material.image.once(Metadata)
    held = findings(metadata)
    odd = [f for f in held if f.code not in _ELSEWHERE]
    pieces = [_odd(odd)] if odd else []
    if metadata.xmp.history or any(f.code == "editor" for f in held):
        pieces.append(_edited(metadata))
    return pieces


def _odd(odd: list[Finding]) -> Evidence:
    weight = min(STRONGEST, sum(f.weight for f in odd))
    more = f" {len(odd) - 1} more oddities are listed." if len(odd) > 1 else ""
    return Evidence(
        key="oddities",
        title="Oddities in the metadata",
        sentence=odd[0].sentence + more,
        strength=weight,
        points_to="edited" if weight >= 0.2 else "neither",
        fooled_by="Old cameras, wrong clocks and careless programs write odd metadata into honest pictures.",
        number=f"{len(odd)} of them",
        rows=tuple((f"weight {f.weight:.2f}", f.sentence) for f in odd),
    )


def _edited(metadata: Metadata) -> Evidence:
    xmp = metadata.xmp
    software, steps = plain(metadata.software, 80), xmp.history
    named = f"The file was saved by a program that edits pictures ({software})" if software else "The file was edited"
    counted = f"; its history lists {steps} step{'s' if steps != 1 else ''}" if steps else ""
    agents, times = xmp.values.get("softwareAgent", []), xmp.values.get("when", [])
    rows = [("Program", software)] if software else []
    for number, action in enumerate(xmp.values.get("action", [])[:MOST_STEPS]):
        # The lists run side by side only where every step gives all three.
        agent = agents[number] if len(agents) == steps else ""
        time = times[number] if len(times) == steps else ""
        rows.append((f"Step {number + 1}", plain(", ".join(filter(None, (action, agent, time))))))
    return Evidence(
        key="oddities.editor",
        title="An editor was here",
        sentence=f"{named}{counted}.",
        strength=0.2,
        points_to="edited",
        fooled_by="Developing, cropping or resizing a photograph is ordinary work and leaves the same words; an edit "
        "that wants to hide removes them.",
        number=f"{steps} steps" if steps else "",
        rows=tuple(rows),
        source="EXIF Software; XMP Media Management (ISO 16684-2).",
    )


ODDITIES = Kind("oddities", find_oddities)


MOST, LONGEST = 12, 200
# Told with the camera.
_TEXTS_ELSEWHERE = {"Make", "Model", "Software", "Artist", "Copyright"}


def quoted(metadata: Metadata) -> list[tuple[str, str]]:
    """(place, text) of the texts that no generator's format claims; none where a generator's fields are there."""
    if metadata.traces:
        return []
    told = [
        (plain(f"{t.place}: {t.key}", 60), plain(t.text, LONGEST))
        for t in metadata.texts[:200]
        if t.place != "EXIF" or t.key not in _TEXTS_ELSEWHERE
    ]
    return [(place, text) for place, text in dict.fromkeys(told) if text]


def find_texts(material: Material) -> list[Evidence]:
    rows = quoted(material.image.once(Metadata))
    if not rows:
        return []
    many = f"{len(rows)} texts" if len(rows) > 1 else "one text"
    return [
        Evidence(
            key="texts",
            title="Titles, captions, comments",
            sentence=f"The file carries {many} of somebody's own, none in the way a generator writes them.",
            strength=0.02,
            points_to="neither",
            fooled_by="Anybody can write anything here, the word AI included; it is quoted and counts for nothing.",
            rows=tuple(rows[:MOST]),
        )
    ]


TEXTS = Kind("texts", find_texts)

KINDS = (
    CAMERA,
    SILENCE,
    ODDITIES,
    TEXTS,
)
