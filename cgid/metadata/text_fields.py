"""Every text a picture carries in a proper place of its container, with that place named.

A word counts only here: bytes appended after the end marker, or chunks with a wrong checksum, are nobody's statement.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cgid.fileformat import photoshop, png
from cgid.imaging.image_file import ImageFile
from cgid.metadata import stealth_png
from cgid.metadata.exif import facts, user_comment

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
MAX_IPTC_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """place: `PNG text`, `EXIF`, `JPEG comment`, `GIF comment`, `IPTC` or `hidden pixel data`. key: field name.

    text: at most 4 MiB.
    """

    place: str
    key: str
    text: str


def texts(image: ImageFile, values: dict[str, Any] | None = None) -> list[Text]:
    """All texts but XMP, which has a reader of its own. Never raises. values: `facts(image)` where known already."""
    found = [*_exif(facts(image) if values is None else values)]
    found += [Text("IPTC", key, text) for key, text in photoshop.texts(iptc_record(image))]
    if image.format == "PNG":
        found += [Text("PNG text", k, t) for k, t in image.png.texts if k != "XML:com.adobe.xmp"]
        found += _hidden(stealth_png.text(image))
    elif image.format == "JPEG":
        comments = image.jpeg.payloads(0xFE)
        found += [Text("JPEG comment", "comment", c.decode("utf-8", "replace").strip("\0 ")) for c in comments]
    elif image.format == "GIF" and isinstance(image.info.get("comment"), bytes):
        found.append(Text("GIF comment", "comment", image.info["comment"][:LONGEST].decode("utf-8", "replace")))
    return found


def iptc_record(image: ImageFile) -> bytes:
    """The raw IPTC record out of a Photoshop block or a TIFF's tag, at most 1 MiB; empty where there is none."""
    blocks = image.info.get("photoshop")
    raw = blocks.get(0x0404) if isinstance(blocks, dict) else None
    if image.format == "PNG":
        # ImageMagick keeps the Photoshop block as text: signature, number 0x0404, an empty name, four bytes of length.
        profile = png.raw_profile(image.png, "iptc")
        raw = profile[profile.index(b"8BIM\x04\x04") + 12 :] if b"8BIM\x04\x04" in profile else profile
    if raw is None and image.format == "TIFF":
        raw = image.exif.get(33723)
    return raw[:MAX_IPTC_BYTES] if isinstance(raw, bytes) else b""


def _exif(values: dict[str, Any]) -> list[Text]:
    found = [Text("EXIF", key, values[key]) for key in _EXIF_TEXTS if isinstance(values.get(key), str) and values[key]]
    if comment := user_comment(values.get("UserComment")):
        found.append(Text("EXIF", "UserComment", comment))
    for key in _WINDOWS_TEXTS:
        if isinstance(values.get(key), bytes):
            found.append(Text("EXIF", key, values[key].decode("utf-16-le", "replace").strip("\0 ")))
    return found


def _hidden(text: str) -> list[Text]:
    """The fields of hidden data: a JSON object's texts by name, or one field as web UIs write it."""
    if not text:
        return []
    try:
        fields = json.loads(text) if text.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return [Text("hidden pixel data", "parameters", text)]
    return [
        Text("hidden pixel data", str(k)[:80], v if isinstance(v, str) else json.dumps(v)) for k, v in fields.items()
    ]
