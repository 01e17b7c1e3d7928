"""How a PNG file is built: its chunks up to IEND, and the texts they carry, with every length and checksum judged.

A text counts only in a tEXt, zTXt or iTXt chunk that lies before IEND and whose CRC is right. Nothing raises.
Source: PNG specification (W3C), sections 5 and 11.3.3.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cgid.features.image import ImageFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 100_000
# Texts longer than this are cut: a zTXt of a few kilobytes can claim gigabytes.
MOST_TEXT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """kind: four letters. at, size: where the payload lies. intact: the CRC is right."""

    kind: str
    at: int
    size: int
    intact: bool


@dataclass
class PngFile:
    """end: offset just after IEND; len(data) where there is none."""

    chunks: list[Chunk] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    has_end: bool = False
    end: int = 0


def of(image: ImageFile) -> PngFile:
    """Of an opened image; `image.once(png_file.of)` walks the file once for all groups."""
    return read(image.data)


def read(data: bytes) -> PngFile:
    """Walk a PNG's chunks. Never raises; what cannot be followed ends the walk."""
    png = PngFile(end=len(data))
    at = len(SIGNATURE)
    budget = MOST_TEXT
    while data.startswith(SIGNATURE) and at + 12 <= len(data) and len(png.chunks) < MOST_CHUNKS:
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + size
        if end > len(data):
            break
        # Image data is not checked: its length is all that is wanted, and the decoder judges it anyway.
        kind = data[at + 4 : at + 8].decode("latin-1")
        intact = kind == "IDAT" or zlib.crc32(data[at + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")
        png.chunks.append(Chunk(kind, at + 8, size, intact))
        if intact and kind in ("tEXt", "zTXt", "iTXt") and budget > 0:
            text = _text(kind, data[at + 8 : end - 4], budget)
            if text is not None:
                budget -= len(text[1]) + 64
                png.texts.append(text)
        at = end
        if kind == "IEND":
            png.has_end, png.end = True, end
            break
    return png


def raw_profile(png: PngFile, name: str) -> bytes:
    """A block that ImageMagick kept as text: name, number of bytes, then hexadecimal digits; empty where there is none."""
    text = next((text for key, text in png.texts if key == f"Raw profile type {name}"), "")
    parts = text.split(maxsplit=2)
    if len(parts) < 3:
        return b""
    try:
        return bytes.fromhex(parts[2])
    except ValueError:
        return b""


def _text(kind: str, payload: bytes, most: int) -> tuple[str, str] | None:
    """(keyword, text) of one text chunk, at most `most` characters; None where it is malformed."""
    keyword, separator, rest = payload.partition(b"\0")
    if not separator or not 1 <= len(keyword) <= 79:
        return None
    key = keyword.decode("latin-1")
    if kind == "tEXt":
        return key, _decode(rest[:most])
    if kind == "zTXt":
        raw = _inflate(rest[1:], most) if rest[:1] == b"\0" else None
        return None if raw is None else (key, raw.decode("latin-1"))
    compressed, method = rest[:1], rest[1:2]
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3 or compressed not in (b"\0", b"\1") or method != b"\0":
        return None
    raw = _inflate(parts[2], most) if compressed == b"\1" else parts[2][:most]
    return None if raw is None else (key, raw.decode("utf-8", "replace"))


def _decode(raw: bytes) -> str:
    """tEXt is Latin-1 by the standard; several generators write UTF-8 into it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _inflate(raw: bytes, most: int) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(raw, most)
    except zlib.error:
        return None
