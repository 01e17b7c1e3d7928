"""Evidence: the invisible mark that reference programs of Stable Diffusion and FLUX hide in the colours."""

from __future__ import annotations

from cgid.features.groups.watermark import GROUP, PAYLOADS
from cgid.forensics.evidence.piece import Evidence, Kind, Material


def find(material: Material) -> list[Evidence]:
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
