"""Evidence: the invisible watermark of the Stable Diffusion and FLUX reference programs, and declared watermarks."""

from __future__ import annotations

from collections.abc import Mapping

from cgid.escape import plain
from cgid.features.groups.watermark import GROUP, PAYLOADS
from cgid.forensics.evidence.evidence import Evidence, Kind, Material


def find(material: Material) -> list[Evidence]:
    """The watermark decoded from the pixels, and one that the credentials declare and that cannot be decoded here."""
    return _read(material) + _stated(material)


def _stated(material: Material) -> list[Evidence]:
    """A watermark declared by a valid history, such as Google's SynthID, whose decoder is not public."""
    timeline = (material.check.get("provenance") or {}).get("timeline") or []
    if not timeline or not timeline[-1]["fits"]:
        return []
    steps = [step for entry in timeline if entry["fits"] and entry["linked"] for step in entry["actions"]]
    notes = [step["note"] or step["words"] for step in steps if _mentions_watermark(step)]
    if not notes:
        return []
    return [
        Evidence(
            key="watermark.stated",
            title="Declared watermark",
            sentence=f"Its credentials declare a watermark (“{plain(notes[0], 80)}”), which cannot be decoded here.",
            strength=0.1,
            points_to="neither",
            limitations="The credentials are the only source for this, and both cameras and generators add watermarks.",
            rows=tuple(("Step", note) for note in dict.fromkeys(notes)),
        )
    ]


def _mentions_watermark(step: Mapping[str, str]) -> bool:
    return "watermark" in f"{step['action']} {step['note']}".lower()


def _read(material: Material) -> list[Evidence]:
    values = material.check.get("features") or {}
    fraction, payload = values.get("watermark_confidence"), values.get("watermark_payload")
    if not values.get("watermark_detected") or fraction is None or not payload:
        return []
    name = list(PAYLOADS)[int(payload) - 1]
    bits = len(PAYLOADS[name])
    return [
        Evidence(
            key="watermark",
            title="Invisible watermark",
            sentence=f"The invisible watermark of {name} is in the pixels: {round(fraction * bits)} of its {bits} bits "
            "match, far more than by chance.",
            strength=0.95,
            points_to="ai",
            limitations="The program that writes it is public: anyone can add it to a photograph. Resizing, cropping "
            "or JPEG compression removes it.",
            number=f"{100 * fraction:.0f} % of the bits",
            feature="watermark_confidence",
            rows=(("Generator", name), ("Matching bits", f"{round(fraction * bits)} of {bits}")),
            source=GROUP.cite,
        )
    ]


KIND = Kind("watermark", find)
