"""Every text a picture carries in a proper place of its container, with that place named.

A word counts only here: bytes appended after the end marker, or chunks with a wrong checksum, are nobody's statement.
"""

from __future__ import annotations

from dataclasses import dataclass

from cgid.features import jpeg_file, png_file
from cgid.features.exif_facts import facts, user_comment
from cgid.features.image import ImageFile

_EXIF_TEXTS = (
    "ImageDescription",
    "Software",
    "Artist",
    "Copyright",
    "Make",
    "Model",
    "ProcessingSoftware",
    "HostComputer",
)
_WINDOWS_TEXTS = ("XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject")
LONGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """place: `PNG text`, `EXIF`, `JPEG comment`, `GIF comment` or `IPTC`. key: field name. text: at most 4 MiB."""

    place: str
    key: str
    text: str


def texts(image: ImageFile) -> list[Text]:
    """All texts but XMP, which has a reader of its own. Never raises."""
    found = [*_exif(image), *_iptc(image)]
    if image.format == "PNG":
        found += [Text("PNG text", k, t) for k, t in image.once(png_file.of).texts if k != "XML:com.adobe.xmp"]
    elif image.format == "JPEG":
        comments = image.once(jpeg_file.of).payloads(0xFE)
        found += [Text("JPEG comment", "comment", c.decode("utf-8", "replace").strip("\0 ")) for c in comments]
    elif image.format == "GIF" and isinstance(image.info.get("comment"), bytes):
        found.append(Text("GIF comment", "comment", image.info["comment"][:LONGEST].decode("utf-8", "replace")))
    return found


def _exif(image: ImageFile) -> list[Text]:
    values = facts(image)
    found = [Text("EXIF", key, values[key]) for key in _EXIF_TEXTS if isinstance(values.get(key), str) and values[key]]
    if comment := user_comment(values.get("UserComment")):
        found.append(Text("EXIF", "UserComment", comment))
    for key in _WINDOWS_TEXTS:
        if isinstance(values.get(key), bytes):
            found.append(Text("EXIF", key, values[key].decode("utf-16-le", "replace").strip("\0 ")))
    return found


def _iptc(image: ImageFile) -> list[Text]:
    """The IPTC record in a JPEG's Photoshop block, as one text: only known identifiers are looked for in it."""
    blocks = image.info.get("photoshop")
    raw = blocks.get(0x0404) if isinstance(blocks, dict) else None
    return [Text("IPTC", "record", raw[:LONGEST].decode("utf-8", "replace"))] if isinstance(raw, bytes) and raw else []
