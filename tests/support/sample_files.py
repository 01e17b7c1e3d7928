"""Small images with texts in chosen places, for the tests of metadata."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from PIL import Image


def _pixels(side: int) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side]
    return np.stack([x * 3 % 256, y * 5 % 256, (x + y) % 256], -1).astype(np.uint8)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def itxt(key: str, text: str) -> bytes:
    """An uncompressed international text chunk."""
    return chunk(b"iTXt", key.encode("latin-1", "replace")[:79] + b"\0\0\0\0\0" + text.encode("utf-8", "surrogatepass"))


def png(*chunks: bytes, side: int = 16, after: bytes = b"") -> bytes:
    """chunks: after the header. after: bytes after the end."""
    buffer = io.BytesIO()
    Image.fromarray(_pixels(side)).save(buffer, "PNG")
    data = buffer.getvalue()
    return data[:33] + b"".join(chunks) + data[33:] + after


def jpeg(*segments: tuple[int, bytes], side: int = 32, after: bytes = b"", exif: Image.Exif | None = None) -> bytes:
    """segments: (second byte of the marker, payload) after the start marker."""
    buffer = io.BytesIO()
    more = {"exif": exif} if exif else {}
    Image.fromarray(_pixels(side)).save(buffer, "JPEG", quality=90, **more)
    data = buffer.getvalue()
    return data[:2] + b"".join(_segments(segments)) + data[2:] + after


def _segments(segments: Iterable[tuple[int, bytes]]) -> Iterable[bytes]:
    for marker, payload in segments:
        yield b"\xff" + bytes([marker]) + struct.pack(">H", len(payload) + 2) + payload
