"""The chunks of a PNG file in order, up to IEND (PNG specification, W3C, section 5).

Both the features' parser and the structure tree are built on this iterator.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 100_000


class Chunk(NamedTuple):
    """kind: four letters (Latin-1). start: offset of its length field. size: declared bytes of its body.

    complete: it lies entirely within the data; an incomplete chunk is the last.
    """

    kind: str
    start: int
    size: int
    complete: bool = True

    @property
    def body(self) -> int:
        """Offset of the body."""
        return self.start + 8

    @property
    def end(self) -> int:
        """Offset after the checksum."""
        return self.start + 12 + self.size


def chunks(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Chunk]:
    """The chunks of the PNG whose signature begins at `start`; at most MAX_CHUNKS. Never raises."""
    end = len(data) if end is None else end
    at = start + len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at >= end:
            return
        size = int.from_bytes(data[at : min(at + 4, end)], "big")
        following = at + 12 + size
        kind = data[at + 4 : min(at + 8, end)].decode("latin-1")
        yield Chunk(kind, at, size, following <= end)
        if kind == "IEND" or following > end:
            return
        at = following


def checksum_matches(data: bytes, chunk: Chunk) -> bool:
    """Whether the CRC of a complete chunk matches its type and body."""
    body_end = chunk.end - 4
    return zlib.crc32(memoryview(data)[chunk.start + 4 : body_end]) == int.from_bytes(data[body_end : chunk.end], "big")
