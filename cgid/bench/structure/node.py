"""A part of a file, named as its standard names it: where it begins, how long it is, what it is, what lies in it.

Every walk is bounded: in parts, in depth and in time. A part that lies in several pieces of the file (JUMBF over many
JPEG segments) or is packed (an ICC profile in a PNG) is walked in a stream of its own; its parts count their offsets
there, and the stream knows which of its bytes lie where in the file.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass, field

MOST_NODES = 20_000
MOST_DEPTH = 24
SECONDS = 2.0  # of processor time, so that a busy machine lists the same parts
LONGEST_FACT = 200  # characters
MOST_UNPACKED = 16 * 1024 * 1024  # bytes of all unpacked streams of one file together
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

    kind: one of KINDS. facts: (label, text) pairs out of the file, cut. problem: what is wrong here, or "".
    Children of the same stream lie within their parent, in order, and do not overlap.
    """

    name: str
    at: int
    length: int
    what: str = ""
    kind: str = "header"
    facts: list[tuple[str, str]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    problem: str = ""
    stream: int = 0

    @property
    def end(self) -> int:
        return self.at + self.length

    def fact(self, label: str, value: object) -> None:
        self.facts.append((label, str(value)[:LONGEST_FACT]))

    def wrong(self, sentence: str) -> None:
        """One more thing that is wrong here."""
        if sentence not in self.problem:
            self.problem = f"{self.problem} {sentence}".strip()


@dataclass(frozen=True, slots=True)
class Stream:
    """Bytes that are walked. pieces: (offset here, offset in the file, length) in order, empty where they lie packed."""

    title: str
    data: bytes
    pieces: tuple[tuple[int, int, int], ...] = ()

    def in_file(self, at: int) -> int | None:
        """Where in the file the byte `at` lies; None where the stream was unpacked."""
        place = bisect_right(self.pieces, at, key=lambda piece: piece[0]) - 1
        here, there, length = self.pieces[place] if place >= 0 else (0, 0, 0)
        return there + at - here if here <= at < here + length else None


class Walk:
    """What one walk of one file has used up and found. `full` ends every loop of every walker."""

    def __init__(self, data: bytes, seconds: float = SECONDS, most: int = MOST_NODES) -> None:
        self.streams = [Stream("the file", data, ((0, 0, len(data)),))]
        self.left, self.until = most, time.thread_time() + seconds
        self.unpacked = MOST_UNPACKED
        self.stopped = ""

    @property
    def full(self) -> bool:
        if not self.stopped and self.left <= 0:
            self.stopped = "The file has more parts than are listed here; what follows is not taken apart."
        return bool(self.stopped) or (self.left % 64 == 0 and self.late)

    @property
    def late(self) -> bool:
        """Is the time used up? For loops that make no parts; `full` asks now and then."""
        if not self.stopped and time.thread_time() > self.until:
            self.stopped = "Taking this file apart takes too long; what follows is not taken apart."
        return bool(self.stopped)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of one stream that a walker takes apart. start, end: offsets there; `end` is never beyond its bytes."""

    walk: Walk
    stream: int
    start: int
    end: int
    depth: int = 0

    @property
    def data(self) -> bytes:
        return self.walk.streams[self.stream].data

    def take(self, at: int, length: int) -> bytes:
        """Bytes from `at`, fewer where the span ends."""
        return self.data[max(at, self.start) : min(at + length, self.end)]

    def number(self, at: int, size: int, order: str = "big") -> int:
        """Unsigned; of fewer bytes where the span ends."""
        return int.from_bytes(self.take(at, size), order)  # type: ignore[arg-type]

    def node(self, name: str, at: int, end: int, what: str = "", kind: str = "header", problem: str = "") -> Node:
        """A part of this span, cut to it, counted against the walk's budget."""
        self.walk.left -= 1
        at = min(max(at, self.start), self.end)
        return Node(name, at, max(0, min(end, self.end) - at), what, kind, problem=problem, stream=self.stream)

    def inner(self, start: int, end: int) -> Span:
        """A span within this one, one level deeper."""
        start = min(max(start, self.start), self.end)
        return Span(self.walk, self.stream, start, max(start, min(end, self.end)), self.depth + 1)

    def unpacked(self, title: str, data: bytes, pieces: tuple[tuple[int, int, int], ...] = ()) -> Span:
        """A span over a new stream. pieces: as Stream has them."""
        self.walk.streams.append(Stream(title, data, pieces))
        return Span(self.walk, len(self.walk.streams) - 1, 0, len(data), self.depth + 1)

    @property
    def deep(self) -> bool:
        return self.depth >= MOST_DEPTH


def settle(children: list[Node], span: Span, gaps: bool = True) -> list[Node]:
    """Parts in order of their offsets; those that overlap an earlier one are told, not listed; gaps become parts.

    Children of another stream stay behind those of this one.
    """
    from cgid.bench.structure.guess import looks_like

    own = sorted((c for c in children if c.stream == span.stream), key=lambda c: (c.at, c.length > 0, -c.length))
    kept: list[Node] = []
    at = span.start
    for child in own:
        if child.at < at:
            if kept and (child.at, child.length) != (kept[-1].at, kept[-1].length):
                kept[-1].wrong(f"{child.name} at {child.at:,} overlaps it.")
            continue
        if gaps and child.at > at:
            kept.append(_gap(span, at, child.at, looks_like))
        kept.append(child)
        at = child.end
    if gaps and at < span.end:
        kept.append(_gap(span, at, span.end, looks_like))
    return kept + [c for c in children if c.stream != span.stream]


def _gap(span: Span, at: int, end: int, looks_like) -> Node:
    found = looks_like(span.data, at, end)
    if found == "zeros" and end - at < PADDING:
        return span.node("padding", at, end, "Zeros that align what follows")
    return span.node("gap", at, end, f"Bytes that nothing here names: {found}", "unknown")
