"""Evidence: the invisible mark that reference programs of Stable Diffusion and FLUX hide, and marks that are stated."""

from __future__ import annotations

from collections.abc import Mapping

from cgid.escape import plain
from cgid.features.groups.watermark import GROUP, PAYLOADS
from cgid.forensics.evidence.evidence import Evidence, Kind, Material


def find(material: Material) -> list[Evidence]:
    """The mark read out of the pixels, and one that the credentials speak of and that cannot be read here."""
    return _read(material) + _stated(material)


def _stated(material: Material) -> list[Evidence]:
    """What an unbroken history says of a watermark, such as Google's SynthID, whose reader is not public."""
    timeline = (material.found.get("provenance") or {}).get("timeline") or []
    if not timeline or not timeline[-1]["fits"]:
        return []
    steps = [step for entry in timeline if entry["fits"] and entry["linked"] for step in entry["actions"]]
    notes = [step["note"] or step["words"] for step in steps if _speaks_of_one(step)]
    if not notes:
        return []
    return [
        Evidence(
            key="watermark.stated",
            title="Watermark stated",
            sentence=f"Its credentials say that it was watermarked (“{plain(notes[0], 80)}”); that mark cannot be read "
            "here.",
            strength=0.1,
            points_to="neither",
            fooled_by="The credentials' word is all there is: cameras and generators both put in watermarks.",
            rows=tuple(("Step", note) for note in dict.fromkeys(notes)),
        )
    ]


def _speaks_of_one(step: Mapping[str, str]) -> bool:
    return "watermark" in f"{step['action']} {step['note']}".lower()


def _read(material: Material) -> list[Evidence]:
    values = material.found.get("features") or {}
    share, payload = values.get("watermark_confidence"), values.get("watermark_payload")
    if not values.get("watermark_detected") or share is None or not payload:
        return []
    name = list(PAYLOADS)[int(payload) - 1]
    bits = len(PAYLOADS[name])
    return [
        Evidence(
            key="watermark",
            title="Invisible watermark",
            sentence=f"The invisible watermark of {name} is in the pixels: {round(share * bits)} of its {bits} bits "
            "match, far beyond chance.",
            strength=0.95,
            points_to="ai",
            fooled_by="The program that writes the mark is public: anybody can put it into a photograph. Resizing, "
            "cropping or JPEG removes it.",
            number=f"{100 * share:.0f} % of the bits",
            feature="watermark_confidence",
            rows=(("Whose", name), ("Matching bits", f"{round(share * bits)} of {bits}")),
            source=GROUP.cite,
        )
    ]


KIND = Kind("watermark", find)
