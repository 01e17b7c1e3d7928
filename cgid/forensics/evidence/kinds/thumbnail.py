"""Evidence: the small picture that cameras put into EXIF, against the picture itself."""

from __future__ import annotations

import math

from cgid.features.parsers.exif_rules import Metadata
from cgid.features.parsers.thumbnail import thumbnail
from cgid.forensics.evidence.piece import Evidence, Kind, Material

# strength, what it points to, sentence
_SAME = (0.03, "neither", "The embedded thumbnail shows the same picture.")
_LIKE = (
    0.2,
    "edited",
    "The embedded thumbnail resembles the picture: something may have been changed after it was made.",
)
_OTHER = (
    0.7,
    "edited",
    "The embedded thumbnail shows another picture than the file does, which it may have shown once.",
)
FOOLED = (
    "Programs that renew the thumbnail leave no trace of an edit; careless ones copy a stranger's EXIF, thumbnail and "
    "all, without any ill will."
)
SOURCE = "Kee and Farid, Digital Image Authentication from Thumbnails, 2010."


def find(material: Material) -> list[Evidence]:
    likeness = material.image.once(Metadata).thumbnail_likeness
    if math.isnan(likeness):
        return []
    from cgid.bench.thumbnail_compare import ALIKE, ANOTHER

    strength, points_to, said = _SAME if likeness >= ALIKE else _LIKE if likeness >= ANOTHER else _OTHER
    return [
        Evidence(
            key="thumbnail",
            title="Embedded thumbnail",
            sentence=said,
            strength=strength,
            points_to=points_to,
            fooled_by=FOOLED,
            number=f"correlation {likeness:.2f}",
            rows=(
                ("Correlation with the picture", f"{likeness:.2f} (1 = the same, 0 = nothing in common)"),
                ("Thumbnail", f"{len(thumbnail(material.image)):,} bytes"),
            ),
            source=SOURCE,
        )
    ]


KIND = Kind("thumbnail", find)
