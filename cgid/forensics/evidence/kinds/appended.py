"""Evidence: the small picture that cameras put into EXIF, against the picture itself.

Evidence: bytes after the end of the picture, which no viewer shows.
"""

from __future__ import annotations

import math
import re

from cgid.fileformat.node import identify_bytes
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.imaging.image_file import ImageFile
from cgid.metadata.exif_checks import Metadata
from cgid.metadata.thumbnail import thumbnail

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
    from cgid.inspector.thumbnails import ALIKE, ANOTHER

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


THUMBNAIL = Kind("thumbnail", find)


LEAST, LOOKED = 8, 65_536
_FURTHER = "further pictures that the file itself lists, as cameras and phones write"
_MARKERS = re.compile(
    rb"c2pa|trainedAlgorithmicMedia|stable.?diffusion|midjourney|dall.?e\b|comfyui|novelai|openai|firefly|"
    rb"ai.?generated|Negative prompt:|Steps: \d",
    re.IGNORECASE,
)


def find_trailing(material: Material) -> list[Evidence]:
    count = material.image.trailing_bytes
    if not count or count < LEAST:
        return []
    data = material.image.data
    start = len(data) - count
    kind = _FURTHER if _listed(material.image) else identify_bytes(data, start, len(data))
    words = bool(_MARKERS.search(data, start, start + LOOKED))
    sentence = f"After the end of the picture there are {count:,} more bytes ({kind})."
    if words:
        sentence += " Words there sound like a generator's; outside their proper place they count for nothing."
    return [
        Evidence(
            key="trailing",
            title="Data after the picture",
            sentence=sentence,
            strength=0.15 if words else 0.05,
            points_to="neither",
            fooled_by="Anybody can append bytes to a file without changing the picture; phones do it for motion photos.",
            number=f"{count:,} bytes",
            feature="container_trailing_bytes",
            rows=(("What it is", kind), ("Share of the file", f"{100 * count / len(data):.1f} %")),
        )
    ]


def _listed(image: ImageFile) -> bool:
    """The JPEG itself says that further pictures follow (CIPA DC-007, multi-picture format)."""
    return image.format == "JPEG" and bool(image.jpeg.payloads(0xE2, b"MPF\0"))


TRAILING = Kind("trailing", find_trailing)

KINDS = (
    THUMBNAIL,
    TRAILING,
)
