"""Evidence: metadata written by image generators, and the fields that standards define for AI content."""

from __future__ import annotations

from itertools import groupby

from cgid.escape import plain
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.metadata.exif_checks import Metadata
from cgid.metadata.generators import GeneratorMark

MAX_SETTING_CHARS, MAX_ITEMS = 1000, 12
LIMITATIONS = (
    "Anyone can write these fields into any image, though it gains little; most websites remove them, so their "
    "absence proves nothing."
)
_STANDARDS = ("source_type", "label")


def find(material: Material) -> list[Evidence]:
    """One finding per generator or declaration, however many fields contain it."""
    traces = material.image.cached(Metadata).marks
    by_name = sorted(traces, key=lambda t: (t.declares != "ai", t.generator))
    groups = [list(same) for _, same in groupby(by_name, key=lambda t: (t.declares != "ai", t.generator))]
    return [_evidence(group, number) for number, group in enumerate(groups[:MAX_ITEMS], 1)]


def _evidence(traces: list[GeneratorMark], number: int) -> Evidence:
    fullest = max(traces, key=lambda t: len(t.settings))
    name = plain(fullest.generator, 60)
    rows = [(label, plain(text, MAX_SETTING_CHARS)) for label, text in fullest.settings]
    rows += [("Found in", plain(place)) for place in dict.fromkeys(t.place for t in traces[:MAX_ITEMS])]
    standard = fullest.code in _STANDARDS
    return Evidence(
        key=f"generator.{number}",
        title="AI declared in the metadata" if standard else f"Generated with {name}",
        sentence=plain(traces[0].sentence),
        strength=1.0,
        points_to="ai",
        limitations=LIMITATIONS,
        number="parts" if fullest.declares == "partly_ai" else "",
        rows=tuple(rows),
        source="IPTC digital source types and AI fields; GB 45438-2025."
        if standard
        else "Metadata formats of the generators' own programs.",
    )


KIND = Kind("generator", find)
