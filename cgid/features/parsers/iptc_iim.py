"""The IPTC record of a JPEG, PNG or TIFF as texts by field name: credit, caption, program. Broken records end the reading.

Source: IPTC-NAA Information Interchange Model 4.2, chapter 5 (application record): marker 0x1C, record, data set, length.
"""

from __future__ import annotations

from cgid.features.image import ImageFile
from cgid.features.parsers import png_file

FIELDS = {
    (2, 5): "ObjectName",
    (2, 40): "SpecialInstructions",
    (2, 65): "OriginatingProgram",
    (2, 80): "By-line",
    (2, 110): "Credit",
    (2, 115): "Source",
    (2, 116): "CopyrightNotice",
    (2, 120): "Caption",
}
MOST_BYTES = 1024 * 1024
MOST_FIELDS = 500


def record(image: ImageFile) -> bytes:
    """The raw record out of a Photoshop block or a TIFF's tag; empty where there is none."""
    blocks = image.info.get("photoshop")
    raw = blocks.get(0x0404) if isinstance(blocks, dict) else None
    if image.format == "PNG":
        # ImageMagick keeps the Photoshop block as text: signature, number 0x0404, an empty name, four bytes of length.
        kept = png_file.raw_profile(image.once(png_file.of), "iptc")
        raw = kept[kept.index(b"8BIM\x04\x04") + 12 :] if b"8BIM\x04\x04" in kept else kept
    if raw is None and image.format == "TIFF":
        raw = image.exif.get(33723)
    return raw[:MOST_BYTES] if isinstance(raw, bytes) else b""


def texts(raw: bytes) -> list[tuple[str, str]]:
    """(field name, text) in order; fields without a name here read as `record:data set`. Never raises."""
    found: list[tuple[str, str]] = []
    at, utf8 = 0, False
    while at + 5 <= len(raw) and raw[at] == 0x1C and len(found) < MOST_FIELDS:
        place, size = (raw[at + 1], raw[at + 2]), int.from_bytes(raw[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:
            # An extended length: the field says how many bytes hold it.
            width = size & 0x7FFF
            if width > 4:
                break
            size, at = int.from_bytes(raw[at : at + width], "big"), at + width
        body = raw[at : at + size]
        at += size
        if place == (1, 90):
            utf8 = body == b"\x1b%G"
        elif place[0] == 2 and place[1] != 0:
            name = FIELDS.get(place, f"{place[0]}:{place[1]}")
            found.append((name, _decode(body, utf8)))
    return found


def _decode(body: bytes, utf8: bool) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace") if utf8 else body.decode("latin-1")
    return text.strip("\0 \r\n\t")
