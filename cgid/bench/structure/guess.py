"""What a run of bytes is, by its first bytes and its distribution: what lies after a picture's end or in a gap."""

from __future__ import annotations

import math
import re
from collections import Counter

MAX_HEAD_BYTES = 4096  # bytes
MIN_ZERO_RUN = 16  # zeros in front that are counted
_NOT_ZERO = re.compile(rb"[^\0]")
# (first bytes, at which offset, what they are)
_SIGNATURES = (
    (b"\xff\xd8\xff", 0, "a JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", 0, "a PNG picture"),
    (b"GIF8", 0, "a GIF picture"),
    (b"WEBP", 8, "a WebP picture"),
    (b"ftyp", 4, "an MP4, HEIF or AVIF file (a motion photo's film looks so)"),
    (b"PK\x03\x04", 0, "a ZIP archive"),
    (b"Rar!\x1a\x07", 0, "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip archive"),
    (b"\x1f\x8b\x08", 0, "gzip data"),
    (b"BZh", 0, "bzip2 data"),
    (b"%PDF-", 0, "a PDF document"),
    (b"II*\0", 0, "TIFF or Exif data"),
    (b"MM\0*", 0, "TIFF or Exif data"),
    (b"\x7fELF", 0, "a program (ELF)"),
    (b"MZ", 0, "a program (Windows)"),
    (b"<?php", 0, "a PHP script"),
    (b"<?xpacket", 0, "XMP metadata"),
    (b"<x:xmpmeta", 0, "XMP metadata"),
    (b"<script", 0, "a script"),
    (b"<html", 0, "HTML"),
    (b"SEFH", 0, "a Samsung trailer"),
    (b"MotionPhoto_Data", 0, "a Samsung motion photo"),
    (b"OggS", 0, "Ogg sound or film"),
    (b"ID3", 0, "MP3 sound"),
    (b"\x1aE\xdf\xa3", 0, "Matroska or WebM film"),
    (b"SQLite format 3\0", 0, "an SQLite database"),
    (b"8BIM", 0, "Photoshop resources"),
)


def identify_bytes(data: bytes, at: int, end: int) -> str:
    """A short phrase. Only zeros are followed to the end; of the rest, 4 KiB and the last 22 bytes are read."""
    head = data[at : min(end, at + MAX_HEAD_BYTES)]
    if not head:
        return "nothing"
    for signature, offset, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    if head[0] == 0:
        behind = _NOT_ZERO.search(data, at, end)
        if behind is None:
            return "zeros"
        if behind.start() - at >= MIN_ZERO_RUN:
            return f"{behind.start() - at:,} zeros, then {identify_bytes(data, behind.start(), end)}"
    if data.count(head[:1], at, end) == end - at:
        return f"the byte {head[0]:02X} again and again"
    if data[max(at, end - 22) : end].startswith(b"PK\x05\x06"):
        return "a ZIP archive's end"
    printable = sum(32 <= b < 127 or b in (9, 10, 13) for b in head)
    if printable >= 0.95 * len(head):
        return "text"
    if head.strip(b"\0 ") and head.count(0) > 0.9 * len(head):
        return "almost only zeros"
    if len(head) >= 512 and _entropy(head) > 7.2:
        return "packed or encrypted data"
    return "data of no known kind"


def _entropy(data: bytes) -> float:
    """Shannon entropy of the bytes, in bits per byte."""
    return -sum(n / len(data) * math.log2(n / len(data)) for n in Counter(data).values())
