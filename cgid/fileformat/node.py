"""Nodes of a file's structure tree, the bounded context in which they are parsed, and identification of unknown bytes.

Parsing is bounded in nodes, depth and time. Data that are spread over several ranges of the file (JUMBF over many JPEG
segments) or compressed (an ICC profile in a PNG) are parsed in a stream of their own; nodes hold offsets in their
stream, and the stream maps them to offsets in the file.
"""

from __future__ import annotations

import math
import re
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

MAX_HEAD_BYTES = 4096  # bytes
MIN_ZERO_RUN = 16  # leading zeros that are reported separately
_NOT_ZERO = re.compile(rb"[^\0]")
# (signature, its offset, description)
_SIGNATURES = (
    (b"\xff\xd8\xff", 0, "a JPEG image"),
    (b"\x89PNG\r\n\x1a\n", 0, "a PNG image"),
    (b"GIF8", 0, "a GIF image"),
    (b"WEBP", 8, "a WebP image"),
    (b"ftyp", 4, "an MP4, HEIF or AVIF file (such as the video of a motion photo)"),
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
    (b"OggS", 0, "Ogg audio or video"),
    (b"ID3", 0, "MP3 audio"),
    (b"\x1aE\xdf\xa3", 0, "Matroska or WebM video"),
    (b"SQLite format 3\0", 0, "an SQLite database"),
    (b"8BIM", 0, "Photoshop resources"),
)


def identify_bytes(data: bytes, at: int, end: int) -> str:
    """What the bytes appear to be, as a short phrase.

    Reads runs of zeros to their end, otherwise 4 KiB and the last 22 bytes.
    """
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
        return f"the byte {head[0]:02X} repeated"
    if data[max(at, end - 22) : end].startswith(b"PK\x05\x06"):
        return "the end of a ZIP archive"
    printable = sum(32 <= b < 127 or b in (9, 10, 13) for b in head)
    if printable >= 0.95 * len(head):
        return "text"
    if head.strip(b"\0 ") and head.count(0) > 0.9 * len(head):
        return "mostly zeros"
    if len(head) >= 512 and _entropy(head) > 7.2:
        return "compressed or encrypted data"
    return "data of unknown type"


def _entropy(data: bytes) -> float:
    """Shannon entropy of the bytes, in bits per byte."""
    return -sum(n / len(data) * math.log2(n / len(data)) for n in Counter(data).values())


MAX_NODES = 20_000
MAX_DEPTH = 24
MAX_SECONDS = 2.0  # of processor time, so that the result does not depend on load
MAX_FIELD_LENGTH = 200  # characters
MAX_UNPACKED_BYTES = 16 * 1024 * 1024  # bytes of all decompressed streams of one file together
MAX_PADDING_BYTES = 8  # fewer zero bytes count as alignment padding

# Content types of nodes, for the map of the file.
KINDS = {
    "header": "Header and structure",
    "tables": "Coding tables",
    "picture": "Image data",
    "metadata": "Metadata",
    "credentials": "Content credentials",
    "colour": "Colour profile",
    "preview": "Thumbnail or further image",
    "unknown": "Unknown bytes",
    "after": "After the end of the image",
}


@dataclass(slots=True)
class Node:
    """name: in the standard's terms. at, length: bytes, in the stream `stream` (0 = the file). what: a short
    description.

    kind: one of KINDS. fields: (label, text) pairs from the file, truncated. problem: what is wrong here, or "".
    Children of the same stream lie within their parent, in order, and do not overlap.
    """

    name: str
    at: int
    length: int
    what: str = ""
    kind: str = "header"
    fields: list[tuple[str, str]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    problem: str = ""
    stream: int = 0

    @property
    def end(self) -> int:
        return self.at + self.length

    def add_field(self, label: str, value: object) -> None:
        self.fields.append((label, str(value)[:MAX_FIELD_LENGTH]))

    def add_problem(self, sentence: str) -> None:
        """Append a problem, unless it is recorded already."""
        if sentence not in self.problem:
            self.problem = f"{self.problem} {sentence}".strip()


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes to parse. extents: (offset here, offset in the file, length) in order, empty if the stream was
    decompressed.
    """

    title: str
    data: bytes
    extents: tuple[tuple[int, int, int], ...] = ()

    def in_file(self, at: int) -> int | None:
        """Offset in the file of the byte `at`; None if the stream was decompressed."""
        index = bisect_right(self.extents, at, key=lambda extent: extent[0]) - 1
        here, there, length = self.extents[index] if index >= 0 else (0, 0, 0)
        return there + at - here if here <= at < here + length else None


class ParseContext:
    """Streams and remaining budget while one file is parsed. Every parser loop ends when `is_full` is True."""

    def __init__(self, data: bytes, seconds: float = MAX_SECONDS, max_nodes: int = MAX_NODES) -> None:
        self.streams = [Stream("the file", data, ((0, 0, len(data)),))]
        self.nodes_left, self.deadline = max_nodes, time.thread_time() + seconds
        self.unpack_bytes_left = MAX_UNPACKED_BYTES
        self.stop_reason = ""

    @property
    def is_full(self) -> bool:
        if not self.stop_reason and self.nodes_left <= 0:
            self.stop_reason = "The file has more parts than can be listed; the rest is not parsed."
        return bool(self.stop_reason) or (self.nodes_left % 64 == 0 and self.is_late)

    @property
    def is_late(self) -> bool:
        """Whether the time is used up; for loops that create no nodes. `is_full` checks it periodically."""
        if not self.stop_reason and time.thread_time() > self.deadline:
            self.stop_reason = "Parsing this file takes too long; the rest is not parsed."
        return bool(self.stop_reason)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of one stream that is parsed. start, end: offsets there; `end` is never beyond its bytes."""

    context: ParseContext
    stream: int
    start: int
    end: int
    depth: int = 0

    @property
    def data(self) -> bytes:
        return self.context.streams[self.stream].data

    def take(self, at: int, length: int) -> bytes:
        """Bytes from `at`, fewer if the span ends."""
        return self.data[max(at, self.start) : min(at + length, self.end)]

    def number(self, at: int, size: int, order: str = "big") -> int:
        """Unsigned integer; of fewer bytes if the span ends."""
        return int.from_bytes(self.take(at, size), order)  # type: ignore[arg-type]

    def node(self, name: str, at: int, end: int, what: str = "", kind: str = "header", problem: str = "") -> Node:
        """A node within this span, clipped to it and counted against the budget of the context."""
        self.context.nodes_left -= 1
        at = min(max(at, self.start), self.end)
        return Node(name, at, max(0, min(end, self.end) - at), what, kind, problem=problem, stream=self.stream)

    def inner(self, start: int, end: int) -> Span:
        """A span within this one, one level deeper."""
        start = min(max(start, self.start), self.end)
        return Span(self.context, self.stream, start, max(start, min(end, self.end)), self.depth + 1)

    def unpacked(self, title: str, data: bytes, extents: tuple[tuple[int, int, int], ...] = ()) -> Span:
        """A span over a new stream. extents: as Stream has them."""
        self.context.streams.append(Stream(title, data, extents))
        return Span(self.context, len(self.context.streams) - 1, 0, len(data), self.depth + 1)

    @property
    def deep(self) -> bool:
        return self.depth >= MAX_DEPTH


def close_gaps(children: list[Node], span: Span, gaps: bool = True) -> list[Node]:
    """Nodes sorted by offset; one that overlaps an earlier node is dropped and noted as a problem; gaps become nodes.

    Children in another stream follow those of this one.
    """
    own = sorted((c for c in children if c.stream == span.stream), key=lambda c: (c.at, c.length > 0, -c.length))
    listed: list[Node] = []
    at = span.start
    for child in own:
        if child.at < at:
            if listed and (child.at, child.length) != (listed[-1].at, listed[-1].length):
                listed[-1].add_problem(f"{child.name} at {child.at:,} overlaps it.")
            continue
        if gaps and child.at > at:
            listed.append(_gap(span, at, child.at))
        listed.append(child)
        at = child.end
    if gaps and at < span.end:
        listed.append(_gap(span, at, span.end))
    return listed + [c for c in children if c.stream != span.stream]


def _gap(span: Span, at: int, end: int) -> Node:
    content = identify_bytes(span.data, at, end)
    if content == "zeros" and end - at < MAX_PADDING_BYTES:
        return span.node("padding", at, end, "Zeros that align what follows")
    return span.node("gap", at, end, f"Unreferenced bytes: {content}", "unknown")
