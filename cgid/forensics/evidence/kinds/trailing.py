"""Evidence: bytes after the end of the picture, which no viewer shows."""

from __future__ import annotations

import re

from cgid.bench.structure.guess import identify_bytes
from cgid.features.image import ImageFile
from cgid.forensics.evidence.piece import Evidence, Kind, Material

LEAST, LOOKED = 8, 65_536
_FURTHER = "further pictures that the file itself lists, as cameras and phones write"
_MARKERS = re.compile(
    rb"c2pa|trainedAlgorithmicMedia|stable.?diffusion|midjourney|dall.?e\b|comfyui|novelai|openai|firefly|"
    rb"ai.?generated|Negative prompt:|Steps: \d",
    re.IGNORECASE,
)


def find(material: Material) -> list[Evidence]:
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


KIND = Kind("trailing", find)
