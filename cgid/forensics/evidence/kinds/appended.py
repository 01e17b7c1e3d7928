"""Evidence: the embedded EXIF thumbnail compared with the image, and data after the end of the image."""

from __future__ import annotations

import math
import re

from cgid.fileformat.node import identify_bytes
from cgid.forensics.evidence.evidence import Evidence, Kind, Material
from cgid.imaging.image_file import ImageFile
from cgid.metadata.exif_checks import Metadata
from cgid.metadata.thumbnail import exif_thumbnail

# strength, what it points to, sentence
_SAME = (0.03, "neither", "The embedded thumbnail shows the same image.")
_SIMILAR = (
    0.2,
    "edited",
    "The embedded thumbnail resembles the image only in part: the image may have been changed after it was written.",
)
_DIFFERENT = (
    0.7,
    "edited",
    "The embedded thumbnail shows a different image, which may be what the file showed originally.",
)
THUMBNAIL_LIMITATIONS = (
    "Programs that update the thumbnail leave no trace of an edit; others copy the EXIF of an unrelated file, thumbnail "
    "included, without any intent to deceive."
)
THUMBNAIL_SOURCE = "Kee and Farid, Digital Image Authentication from Thumbnails, 2010."


def find_thumbnail(material: Material) -> list[Evidence]:
    similarity = material.image.cached(Metadata).thumbnail_similarity
    if math.isnan(similarity):
        return []
    from cgid.inspector.thumbnails import SAME_CORRELATION, SIMILAR_CORRELATION

    strength, points_to, sentence = (
        _SAME if similarity >= SAME_CORRELATION else _SIMILAR if similarity >= SIMILAR_CORRELATION else _DIFFERENT
    )
    return [
        Evidence(
            key="thumbnail",
            title="Embedded thumbnail",
            sentence=sentence,
            strength=strength,
            points_to=points_to,
            limitations=THUMBNAIL_LIMITATIONS,
            number=f"correlation {similarity:.2f}",
            rows=(
                ("Correlation with the image", f"{similarity:.2f} (1 = the same, 0 = nothing in common)"),
                ("Thumbnail", f"{len(exif_thumbnail(material.image)):,} bytes"),
            ),
            source=THUMBNAIL_SOURCE,
        )
    ]


THUMBNAIL = Kind("thumbnail", find_thumbnail)


MIN_TRAILING_BYTES, MAX_SEARCHED_BYTES = 8, 65_536
_FURTHER_PICTURES = "further images declared by the file itself, as cameras and phones write"
_MARKERS = re.compile(
    rb"c2pa|trainedAlgorithmicMedia|stable.?diffusion|midjourney|dall.?e\b|comfyui|novelai|openai|firefly|"
    rb"ai.?generated|Negative prompt:|Steps: \d",
    re.IGNORECASE,
)


def find_trailing(material: Material) -> list[Evidence]:
    count = material.image.trailing_bytes
    if not count or count < MIN_TRAILING_BYTES:
        return []
    data = material.image.data
    start = len(data) - count
    kind = _FURTHER_PICTURES if _has_multi_picture_index(material.image) else identify_bytes(data, start, len(data))
    marked = bool(_MARKERS.search(data, start, start + MAX_SEARCHED_BYTES))
    sentence = f"After the end of the image there are {count:,} more bytes: {kind}."
    if marked:
        sentence += " They contain terms that image generators use; outside the metadata these are not counted."
    return [
        Evidence(
            key="trailing",
            title="Data after the end of the image",
            sentence=sentence,
            strength=0.15 if marked else 0.05,
            points_to="neither",
            limitations="Anyone can append bytes to a file without changing the image; phones do so for motion photos.",
            number=f"{count:,} bytes",
            feature="container_trailing_bytes",
            rows=(("Content", kind), ("Percent of the file", f"{100 * count / len(data):.1f} %")),
        )
    ]


def _has_multi_picture_index(image: ImageFile) -> bool:
    """Whether the JPEG declares that further images follow (CIPA DC-007, multi-image format)."""
    return image.format == "JPEG" and bool(image.jpeg.payloads(0xE2, b"MPF\0"))


TRAILING = Kind("trailing", find_trailing)

KINDS = (
    THUMBNAIL,
    TRAILING,
)
