"""Evidence: bytes after the end of the picture, which no viewer shows."""

from __future__ import annotations

import re

from cgid.features.image import ImageFile
from cgid.features.parsers import jpeg_file
from cgid.features.parsers.trailing import trailing_bytes
from cgid.forensics.evidence.piece import Evidence, Kind, Material

LEAST, LOOKED = 8, 65_536
_BEGINNINGS = (
    (b"\xff\xd8\xff", "another JPEG, as cameras append a preview or a depth map"),
    (b"\x89PNG", "a PNG"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"%PDF", "a PDF document"),
    (b"MotionPhoto_Data", "a phone's motion photo"),
)
_FURTHER = "further pictures that the file itself lists, as cameras and phones write"
_MARKERS = re.compile(
    rb"c2pa|trainedAlgorithmicMedia|stable.?diffusion|midjourney|dall.?e\b|comfyui|novelai|openai|firefly|"
    rb"ai.?generated|Negative prompt:|Steps: \d",
    re.IGNORECASE,
)


def find(material: Material) -> list[Evidence]:
    count = trailing_bytes(material.image)
    if not count or count < LEAST:
        return []
    tail = material.image.data[-count:]
    kind, words = (_FURTHER if _listed(material.image) else what(tail)), bool(_MARKERS.search(tail, 0, LOOKED))
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
            rows=(("What it is", kind), ("Share of the file", f"{100 * count / len(material.image.data):.1f} %")),
        )
    ]


def _listed(image: ImageFile) -> bool:
    """The JPEG itself says that further pictures follow (CIPA DC-007, multi-picture format)."""
    return image.format == "JPEG" and bool(image.once(jpeg_file.of).payloads(0xE2, b"MPF\0"))


def what(tail: bytes) -> str:
    """What the bytes are, by how they begin."""
    for beginning, name in _BEGINNINGS:
        if tail.startswith(beginning):
            return name
    if tail[4:8] == b"ftyp":
        return "a film, as phones append for a motion photo"
    head = tail[:LOOKED]
    if not head.strip(b"\0"):
        return "zeros, as padding"
    printable = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in head)
    return "text" if printable > 0.95 * len(head) else "of no kind known here"


KIND = Kind("trailing", find)
