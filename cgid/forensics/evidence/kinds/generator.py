"""Evidence: what image generators write into their own images, and what standards have a field for."""

from __future__ import annotations

from itertools import groupby

from cgid.escape import plain
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.metadata.exif_checks import Metadata
from cgid.metadata.generators import Trace

LONGEST_SETTING, MOST = 1000, 12
FOOLED = (
    "Anybody can write these fields into any picture, though it gains little; most websites remove them, so their "
    "absence says nothing."
)
_STANDARDS = ("source_type", "label")


def find(material: Material) -> list[Evidence]:
    """One piece per generator or statement, whatever number of fields hold it."""
    traces = material.image.once(Metadata).traces
    by_name = sorted(traces, key=lambda t: (t.declares != "ai", t.generator))
    groups = [list(same) for _, same in groupby(by_name, key=lambda t: (t.declares != "ai", t.generator))]
    return [_piece(group, number) for number, group in enumerate(groups[:MOST], 1)]


def _piece(traces: list[Trace], number: int) -> Evidence:
    told = max(traces, key=lambda t: len(t.settings))
    name = plain(told.generator, 60)
    rows = [(label, plain(text, LONGEST_SETTING)) for label, text in told.settings]
    rows += [("Found in", plain(place)) for place in dict.fromkeys(t.place for t in traces[:MOST])]
    standard = told.code in _STANDARDS
    return Evidence(
        key=f"generator.{number}",
        title="AI declared in the metadata" if standard else f"Made with {name}",
        sentence=plain(traces[0].sentence),
        strength=1.0,
        points_to="ai",
        fooled_by=FOOLED,
        number="parts" if told.declares == "partly_ai" else "",
        rows=tuple(rows),
        source="IPTC digital source types and AI fields; GB 45438-2025."
        if standard
        else "The formats that the generators' own programs write.",
    )


KIND = Kind("generator", find)
