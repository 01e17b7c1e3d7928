"""Evidence: the small picture that cameras put into EXIF, against the picture itself."""

from __future__ import annotations

import math

from cgid.features.parsers.exif_rules import Metadata
from cgid.features.parsers.thumbnail import thumbnail
from cgid.forensics.evidence.piece import Evidence, Kind, Material

# Below this correlation the metadata rules call it another picture.
ANOTHER = 0.5
FOOLED = (
    "Programs that renew the thumbnail leave no trace of an edit; careless ones copy a stranger's EXIF, thumbnail and "
    "all, without any ill will."
)
SOURCE = "Kee and Farid, Digital Image Authentication from Thumbnails, 2010."


def find(material: Material) -> list[Evidence]:
    likeness = material.image.once(Metadata).thumbnail_likeness
    if math.isnan(likeness):
        return []
    other = likeness < ANOTHER
    said = (
        "The embedded thumbnail shows another picture than the file does: what it showed once may be seen there."
        if other
        else "The embedded thumbnail shows the same picture."
    )
    return [
        Evidence(
            key="thumbnail",
            title="Embedded thumbnail",
            sentence=said,
            strength=0.7 if other else 0.03,
            points_to="edited" if other else "neither",
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
