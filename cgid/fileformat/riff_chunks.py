"""The chunks of a RIFF file (WebP) in order, and its declared end (WebP Container Specification)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

HEADER = 12  # bytes: RIFF, length, WEBP
MAX_CHUNKS = 100_000


class Chunk(NamedTuple):
    """kind: four letters (Latin-1), fewer if truncated. start: offset of its name. body, body_end: declared offsets of
    its body.

    complete: it lies entirely within the data; an incomplete chunk is the last.
    """

    kind: str
    start: int
    body: int
    body_end: int
    complete: bool

    @property
    def end(self) -> int:
        """Offset after the byte that pads a body of odd length."""
        return self.body_end + (self.body_end - self.body) % 2


def declared_size(data: bytes, start: int = 0, end: int | None = None) -> int:
    """Declared bytes after the first eight of the header, without the padding byte."""
    end = len(data) if end is None else end
    return int.from_bytes(data[start + 4 : min(start + 8, end)], "little")


def declared_end(data: bytes, start: int = 0, end: int | None = None) -> int:
    """Declared offset of the file's end, including padding; it may lie beyond the data."""
    size = declared_size(data, start, end)
    return start + 8 + size + size % 2


def chunks(data: bytes, start: int, end: int) -> Iterator[Chunk]:
    """The chunks from `start` (of the first one) to `end`; at most MAX_CHUNKS. Never raises."""
    at = start
    for _ in range(MAX_CHUNKS):
        if at >= end:
            return
        body = at + 8
        body_end = body + int.from_bytes(data[at + 4 : min(body, end)], "little")
        chunk = Chunk(data[at : min(at + 4, end)].decode("latin-1"), at, body, body_end, body_end <= end)
        yield chunk
        if not chunk.complete:
            return
        at = chunk.end
