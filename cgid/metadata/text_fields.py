"""All texts in the metadata fields of an image, each with its location in the container.

Only valid fields count: bytes appended after the end marker and chunks with a wrong checksum are ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cgid.fileformat import photoshop, png
from cgid.imaging.image_file import ImageFile
from cgid.metadata import stealth_png
from cgid.metadata.exif import tags, user_comment

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
MAX_TEXT_BYTES = 4 * 1024 * 1024
MAX_IPTC_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TextField:
    """place: `PNG text`, `EXIF`, `JPEG comment`, `GIF comment`, `IPTC` or `hidden pixel data`. key: field name.

    text: at most 4 MiB.
    """

    place: str
    key: str
    text: str


def text_fields(image: ImageFile, values: dict[str, Any] | None = None) -> list[TextField]:
    """All texts except XMP, which has its own reader. Never raises. values: `tags(image)` if already known."""
    collected = [*_exif(tags(image) if values is None else values)]
    collected += [TextField("IPTC", key, text) for key, text in photoshop.iptc_texts(iptc_record(image))]
    if image.format == "PNG":
        collected += [TextField("PNG text", k, t) for k, t in image.png.texts if k != "XML:com.adobe.xmp"]
        collected += _hidden(stealth_png.hidden_text(image))
    elif image.format == "JPEG":
        comments = image.jpeg.payloads(0xFE)
        collected += [TextField("JPEG comment", "comment", c.decode("utf-8", "replace").strip("\0 ")) for c in comments]
    elif image.format == "GIF" and isinstance(image.info.get("comment"), bytes):
        collected.append(
            TextField("GIF comment", "comment", image.info["comment"][:MAX_TEXT_BYTES].decode("utf-8", "replace"))
        )
    return collected


def iptc_record(image: ImageFile) -> bytes:
    """The raw IPTC record from a Photoshop block or a TIFF tag, at most 1 MiB; empty if there is none."""
    blocks = image.info.get("photoshop")
    raw = blocks.get(0x0404) if isinstance(blocks, dict) else None
    if image.format == "PNG":
        # ImageMagick stores the Photoshop block as text: signature, number 0x0404, an empty name, four bytes of length.
        profile = png.raw_profile(image.png, "iptc")
        raw = profile[profile.index(b"8BIM\x04\x04") + 12 :] if b"8BIM\x04\x04" in profile else profile
    if raw is None and image.format == "TIFF":
        raw = image.exif.get(33723)
    return raw[:MAX_IPTC_BYTES] if isinstance(raw, bytes) else b""


def _exif(values: dict[str, Any]) -> list[TextField]:
    collected = [
        TextField("EXIF", key, values[key]) for key in _EXIF_TEXTS if isinstance(values.get(key), str) and values[key]
    ]
    if comment := user_comment(values.get("UserComment")):
        collected.append(TextField("EXIF", "UserComment", comment))
    for key in _WINDOWS_TEXTS:
        if isinstance(values.get(key), bytes):
            collected.append(TextField("EXIF", key, values[key].decode("utf-16-le", "replace").strip("\0 ")))
    return collected


def _hidden(text: str) -> list[TextField]:
    """The fields of hidden data: the texts of a JSON object by name, or a single field as web UIs write it."""
    if not text:
        return []
    try:
        fields = json.loads(text) if text.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return [TextField("hidden pixel data", "parameters", text)]
    return [
        TextField("hidden pixel data", str(k)[:80], v if isinstance(v, str) else json.dumps(v))
        for k, v in fields.items()
    ]
