"""Parses a PNG file for features: its chunks up to IEND and their texts, with lengths and checksums verified.

A text counts only in a tEXt, zTXt or iTXt chunk before IEND with a correct CRC. Nothing raises.
Source: PNG specification (W3C), sections 5 and 11.3.3.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from cgid.fileformat import png_chunks
from cgid.fileformat.png_chunks import SIGNATURE, Chunk

# Longer texts are truncated: a zTXt of a few kilobytes can expand to gigabytes.
MAX_TEXT = 4 * 1024 * 1024
_TEXT_KINDS = frozenset(("tEXt", "zTXt", "iTXt"))


@dataclass
class PngFile:
    """chunks: the complete ones. texts: (keyword, text). end: offset just after IEND; len(data) where there is none."""

    chunks: list[Chunk] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    has_end: bool = False
    end: int = 0


def read_png(data: bytes) -> PngFile:
    """The structure of a PNG up to IEND; at most png_chunks.MAX_CHUNKS chunks. Never raises."""
    png = PngFile(end=len(data))
    if not data.startswith(SIGNATURE):
        return png
    text_left = MAX_TEXT
    for chunk in png_chunks.chunks(data):
        if not chunk.complete:
            break
        png.chunks.append(chunk)
        if chunk.kind in _TEXT_KINDS and text_left > 0 and png_chunks.checksum_matches(data, chunk):
            text = _text(chunk.kind, data[chunk.body : chunk.body + chunk.size], text_left)
            if text is not None:
                text_left -= len(text[1]) + 64
                png.texts.append(text)
        if chunk.kind == "IEND":
            png.has_end, png.end = True, chunk.end
    return png


def raw_profile(png: PngFile, name: str) -> bytes:
    """A block that ImageMagick stored as text: name, number of bytes, hexadecimal digits; empty if there is none."""
    text = next((text for key, text in png.texts if key == f"Raw profile type {name}"), "")
    parts = text.split(maxsplit=2)
    if len(parts) < 3:
        return b""
    try:
        return bytes.fromhex(parts[2])
    except ValueError:
        return b""


def _text(kind: str, payload: bytes, max_length: int) -> tuple[str, str] | None:
    """(keyword, text) of one text chunk, at most `max_length` characters; None where it is malformed."""
    keyword, separator, rest = payload.partition(b"\0")
    if not separator or not 1 <= len(keyword) <= 79:
        return None
    key = keyword.decode("latin-1")
    if kind == "tEXt":
        return key, _decode(rest[:max_length])
    if kind == "zTXt":
        raw = _inflate(rest[1:], max_length) if rest[:1] == b"\0" else None
        return None if raw is None else (key, raw.decode("latin-1"))
    compressed, method = rest[:1], rest[1:2]
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3 or compressed not in (b"\0", b"\1") or method != b"\0":
        return None
    raw = _inflate(parts[2], max_length) if compressed == b"\1" else parts[2][:max_length]
    return None if raw is None else (key, raw.decode("utf-8", "replace"))


def _decode(raw: bytes) -> str:
    """tEXt is Latin-1 by the standard; several generators write UTF-8 into it."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _inflate(raw: bytes, max_length: int) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(raw, max_length)
    except zlib.error:
        return None
