"""Evidence: titles, captions and comments in the file, quoted; what anybody may write, and what counts for nothing."""

from __future__ import annotations

from cgid.features.parsers.exif_rules import Metadata
from cgid.forensics.evidence.piece import Evidence, Kind, Material
from cgid.forensics.plain_text import plain

MOST, LONGEST = 12, 200
# Told with the camera.
_ELSEWHERE = {"Make", "Model", "Software", "Artist", "Copyright"}


def quoted(metadata: Metadata) -> list[tuple[str, str]]:
    """(place, text) of the texts that no generator's format claims; none where a generator's fields are there."""
    if metadata.traces:
        return []
    told = [
        (plain(f"{t.place}: {t.key}", 60), plain(t.text, LONGEST))
        for t in metadata.texts[:200]
        if t.place != "EXIF" or t.key not in _ELSEWHERE
    ]
    return [(place, text) for place, text in dict.fromkeys(told) if text]


def find(material: Material) -> list[Evidence]:
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


KIND = Kind("texts", find)
