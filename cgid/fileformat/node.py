"""A part of a file, named as its standard names it: where it begins, how long it is, what it is, what lies in it.

Parsing is bounded: in parts, in depth and in time. A part that lies in several ranges of the file (JUMBF over many
JPEG segments) or is packed (an ICC profile in a PNG) is parsed in a stream of its own; its parts count their offsets
there, and the stream knows which of its bytes lie where in the file.

What a run of bytes is, by its first bytes and its distribution: what lies after a picture's end or in a gap.
"""

from __future__ import annotations

import math
import re
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

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


MAX_NODES = 20_000
MAX_DEPTH = 24
MAX_SECONDS = 2.0  # of processor time, so that a busy machine lists the same parts
MAX_FIELD_LENGTH = 200  # characters
MAX_UNPACKED_BYTES = 16 * 1024 * 1024  # bytes of all unpacked streams of one file together
PADDING = 8  # zeros, bytes: fewer align what follows

# What a part holds, for the map of the file. One of these each.
KINDS = {
    "header": "Header and structure",
    "tables": "Coding tables",
    "picture": "Picture data",
    "metadata": "Metadata",
    "credentials": "Content credentials",
    "colour": "Colour profile",
    "preview": "Thumbnail or second picture",
    "unknown": "Unknown or unnamed bytes",
    "after": "After the end of the picture",
}


@dataclass(slots=True)
class Node:
    """name: in the standard's terms. at, length: bytes, in the stream `stream` (0 = the file). what: a plain phrase.

    kind: one of KINDS. fields: (label, text) pairs out of the file, cut. problem: what is wrong here, or "".
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
        """One more thing that is wrong here."""
        if sentence not in self.problem:
            self.problem = f"{self.problem} {sentence}".strip()


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes that are parsed. extents: (offset here, offset in the file, length) in order, empty where they lie packed."""

    title: str
    data: bytes
    extents: tuple[tuple[int, int, int], ...] = ()

    def in_file(self, at: int) -> int | None:
        """Where in the file the byte `at` lies; None where the stream was unpacked."""
        index = bisect_right(self.extents, at, key=lambda extent: extent[0]) - 1
        here, there, length = self.extents[index] if index >= 0 else (0, 0, 0)
        return there + at - here if here <= at < here + length else None


class ParseContext:
    """What parsing one file has used up, and its streams. `is_full` ends every loop of every parser."""

    def __init__(self, data: bytes, seconds: float = MAX_SECONDS, max_nodes: int = MAX_NODES) -> None:
        self.streams = [Stream("the file", data, ((0, 0, len(data)),))]
        self.nodes_left, self.deadline = max_nodes, time.thread_time() + seconds
        self.unpack_bytes_left = MAX_UNPACKED_BYTES
        self.stop_reason = ""

    @property
    def is_full(self) -> bool:
        if not self.stop_reason and self.nodes_left <= 0:
            self.stop_reason = "The file has more parts than are listed here; what follows is not taken apart."
        return bool(self.stop_reason) or (self.nodes_left % 64 == 0 and self.is_late)

    @property
    def is_late(self) -> bool:
        """Is the time used up? For loops that make no parts; `is_full` asks now and then."""
        if not self.stop_reason and time.thread_time() > self.deadline:
            self.stop_reason = "Taking this file apart takes too long; what follows is not taken apart."
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
        """Bytes from `at`, fewer where the span ends."""
        return self.data[max(at, self.start) : min(at + length, self.end)]

    def number(self, at: int, size: int, order: str = "big") -> int:
        """Unsigned; of fewer bytes where the span ends."""
        return int.from_bytes(self.take(at, size), order)  # type: ignore[arg-type]

    def node(self, name: str, at: int, end: int, what: str = "", kind: str = "header", problem: str = "") -> Node:
        """A part of this span, cut to it, counted against the budget of the context."""
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
    """Parts in order of their offsets; one that overlaps an earlier one is a problem of that one and not listed; gaps become parts.

    Children of another stream stay behind those of this one.
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
    if content == "zeros" and end - at < PADDING:
        return span.node("padding", at, end, "Zeros that align what follows")
    return span.node("gap", at, end, f"Bytes that nothing here names: {content}", "unknown")
