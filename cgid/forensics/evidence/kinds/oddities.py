"""Evidence: statements in the metadata that contradict each other or the picture, and programs that edited it."""

from __future__ import annotations

from cgid.features.parsers.exif_rules import Finding, Metadata, findings
from cgid.forensics.evidence.piece import Evidence, Kind, Material
from cgid.forensics.plain_text import plain

# Told by kinds of their own.
_ELSEWHERE = {"generator", "partly_ai", "thumbnail", "editor"}
STRONGEST, MOST_STEPS = 0.35, 12


def find(material: Material) -> list[Evidence]:
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


KIND = Kind("oddities", find)
