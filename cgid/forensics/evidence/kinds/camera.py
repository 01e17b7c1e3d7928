"""Evidence: what EXIF says about the camera, which anybody can write."""

from __future__ import annotations

from cgid.features.parsers.exif_rules import Metadata
from cgid.forensics.camera_facts import camera_facts, camera_name, of_a_game
from cgid.forensics.evidence.piece import Evidence, Kind, Material

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


KIND = Kind("camera", find)
