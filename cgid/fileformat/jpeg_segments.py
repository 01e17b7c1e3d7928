"""The parts of a JPEG file in order: segments, entropy-coded data, bare markers, fill bytes (ITU-T T.81, annex B).

Both the features' parser and the structure tree are built on this iterator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# A hostile file may hold millions of four-byte segments; real ones hold under a few hundred.
MAX_SEGMENTS = 20_000
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
# Kinds of parts.
SEGMENT, MARKER, SCAN_DATA, FILL, STRAY, LIMIT = "segment", "marker", "scan data", "fill", "stray", "limit"

_BARE = frozenset((0x01, *range(0xD0, 0xD8)))
_BARE_IN_BROKEN_FILES = _BARE | {0x00, SOI}
# Entropy-coded bytes end at a 0xFF that is followed by neither a stuffed 0 nor a restart marker.
_SCAN_END = re.compile(rb"\xff[^\x00\x01\xd0-\xd7]", re.DOTALL)
_FILL_BYTES = re.compile(rb"\xff+(?=\xff)")


class Part(NamedTuple):
    """kind: one of the constants above. marker: the second byte of its marker, 0 where it has none.

    start, end: offsets; the end of a segment whose length does not fit may lie beyond the data. intact: False for a
    segment whose length does not fit, and for scan data that no marker follows.
    """

    kind: str
    marker: int
    start: int
    end: int
    intact: bool = True


def parts(data: bytes, start: int = 0, end: int | None = None, *, resync: bool = False) -> Iterator[Part]:
    """The parts of the JPEG that begins at `start`, after its SOI, up to its end marker (EOI). Never raises.

    Without EOI they end with the data; after MAX_SEGMENTS markers the last part is LIMIT. Without `resync` the first
    invalid part is the last one: a stray byte or a segment whose length does not fit. With it, parsing continues at the
    next 0xFF, and SOI or a stuffed zero between segments counts as a bare marker.
    """
    end = len(data) if end is None else end
    bare = _BARE_IN_BROKEN_FILES if resync else _BARE
    at, count = start + 2, 0
    while at + 2 <= end:
        if data[at] != 0xFF:
            following = data.find(b"\xff", at, end)
            following = end if following < 0 else following
            yield Part(STRAY, 0, at, following)
            if not resync:
                return
            at = following
            continue
        marker = data[at + 1]
        if marker == 0xFF:
            fill = _FILL_BYTES.match(data, at, end)
            following = fill.end() if fill else at + 1
            yield Part(FILL, 0, at, following)
            at = following
            continue
        if marker == EOI:
            yield Part(MARKER, EOI, at, at + 2)
            return
        count += 1
        if count > MAX_SEGMENTS:
            yield Part(LIMIT, marker, at, at)
            return
        if marker in bare:
            yield Part(MARKER, marker, at, at + 2)
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : min(at + 4, end)], "big")
        following = at + 2 + max(length, 2)
        intact = length >= 2 and following <= end
        yield Part(SEGMENT, marker, at, following, intact)
        if not (intact or resync):
            return
        at = min(following, end)
        if marker == SOS:
            following_marker = _SCAN_END.search(data, at, end)
            following = following_marker.start() if following_marker else end
            yield Part(SCAN_DATA, 0, at, following, following_marker is not None)
            at = following
