"""How a JPEG file is built: its segments, tables and scans, read byte by byte from the standard (ITU-T T.81, annex B).

Nothing is decoded and nothing raises: what cannot be followed ends the reading and is told in `problem`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cgid.features.image import ImageFile

_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7]", re.DOTALL)
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
# A hostile file may hold millions of four-byte segments; real ones hold under a few hundred.
MOST_SEGMENTS = 20_000


@dataclass(frozen=True, slots=True)
class Segment:
    """marker: second byte (0xE1 = APP1). at: offset of the 0xFF. payload: bytes after the length field."""

    marker: int
    at: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Component:
    """One colour plane of the frame header: identifier, sampling factors, quantisation table number."""

    id: int
    horizontal: int
    vertical: int
    table: int


@dataclass
class JpegFile:
    """tables: quantisation tables by number, 64 steps in zig-zag order, as the last definition says.

    huffman: (class, number, 16 counts + symbols) per Huffman table in order. scans: component counts of the scans.
    end: offset just after the end marker (EOI); len(data) where there is none.
    """

    segments: list[Segment] = field(default_factory=list)
    tables: dict[int, tuple[int, ...]] = field(default_factory=dict)
    table_bits: dict[int, int] = field(default_factory=dict)
    huffman: list[tuple[int, int, bytes]] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    frame: int = 0
    precision: int = 0
    width: int = 0
    height: int = 0
    restart_interval: int = 0
    scans: list[int] = field(default_factory=list)
    has_end: bool = False
    end: int = 0
    problem: str = ""

    @property
    def progressive(self) -> bool:
        return self.frame in (0xC2, 0xC6, 0xCA, 0xCE)

    @property
    def arithmetic(self) -> bool:
        return self.frame >= 0xC9

    @property
    def subsampling(self) -> str:
        """`4:4:4`, `4:2:2`, `4:2:0`, `4:4:0`, `4:1:1`, `grey`, or the raw factors where it is none of them."""
        if len(self.components) == 1:
            return "grey"
        factors = [(c.horizontal, c.vertical) for c in self.components[:3]]
        if len(factors) < 3:
            return "other"
        luma, blue, red = factors
        if blue != red or not all(blue) or luma[0] % blue[0] or luma[1] % blue[1]:
            return "other"
        known = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}
        return known.get((luma[0] // blue[0], luma[1] // blue[1]), "other")

    @property
    def luma_table(self) -> tuple[int, ...] | None:
        """Quantisation steps of the first component in zig-zag order, where the file gives them."""
        return self.tables.get(self.components[0].table) if self.components else None

    def payloads(self, marker: int, start: bytes = b"") -> list[bytes]:
        """Payloads of every segment with that marker which begin with `start`."""
        return [s.payload for s in self.segments if s.marker == marker and s.payload.startswith(start)]


def of(image: ImageFile) -> JpegFile:
    """Of an opened image; `image.once(jpeg_file.of)` walks the file once for all groups."""
    return read(image.data)


def read(data: bytes) -> JpegFile:
    """Walk the first image of a JPEG file up to its end marker. Never raises."""
    jpeg = JpegFile(end=len(data))
    if data[:2] != b"\xff\xd8":
        jpeg.problem = "no start marker"
        return jpeg
    at = 2
    while not jpeg.problem:
        if at + 1 >= len(data):
            jpeg.problem = "no end marker"
        elif data[at] != 0xFF:
            jpeg.problem = f"byte {at} is no marker"
        elif data[at + 1] == 0xFF:
            at += 1
        elif data[at + 1] == 0xD9:
            jpeg.has_end, jpeg.end = True, at + 2
            break
        elif data[at + 1] in _STANDALONE:
            at += 2
        elif len(jpeg.segments) >= MOST_SEGMENTS:
            jpeg.problem = f"more than {MOST_SEGMENTS} segments"
        else:
            at = _segment(data, at, jpeg)
    return jpeg


def _segment(data: bytes, at: int, jpeg: JpegFile) -> int:
    """Read one segment with a length; returns the offset of what follows."""
    marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
    end = at + 2 + length
    if length < 2 or end > len(data):
        jpeg.problem = f"segment {marker:02X} at byte {at} runs past the end of the file"
        return at
    payload = data[at + 4 : end]
    jpeg.segments.append(Segment(marker, at, payload))
    readers = {0xDB: _quantisation, 0xC4: _huffman, 0xDD: _restart, 0xDA: _scan}
    reader = _frame if marker in _FRAMES else readers.get(marker)
    if reader and not reader(payload, jpeg):
        jpeg.problem = f"segment {marker:02X} at byte {at} is malformed"
        return at
    return _after_scan(data, end) if marker == 0xDA else end


def _quantisation(payload: bytes, jpeg: JpegFile) -> bool:
    at = 0
    while at < len(payload):
        wide, number = payload[at] >> 4, payload[at] & 15
        size = 128 if wide else 64
        values = payload[at + 1 : at + 1 + size]
        if len(values) < size or number > 3 or wide > 1:
            return False
        if wide:
            values = [int.from_bytes(values[i : i + 2], "big") for i in range(0, 128, 2)]
        jpeg.tables[number] = tuple(values)
        jpeg.table_bits[number] = 16 if wide else 8
        at += 1 + size
    return True


def _huffman(payload: bytes, jpeg: JpegFile) -> bool:
    at = 0
    while at < len(payload):
        size = sum(payload[at + 1 : at + 17])
        table = payload[at + 1 : at + 17 + size]
        if len(table) < 16 + size:
            return False
        jpeg.huffman.append((payload[at] >> 4, payload[at] & 15, table))
        at += 17 + size
    return True


def _restart(payload: bytes, jpeg: JpegFile) -> bool:
    jpeg.restart_interval = int.from_bytes(payload[:2], "big")
    return len(payload) == 2


def _frame(payload: bytes, jpeg: JpegFile) -> bool:
    if len(payload) < 6 or len(payload) < 6 + 3 * payload[5]:
        return False
    jpeg.precision = payload[0]
    jpeg.height, jpeg.width = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    triples = [payload[6 + 3 * i : 9 + 3 * i] for i in range(payload[5])]
    jpeg.components = [Component(c, factors >> 4, factors & 15, table) for c, factors, table in triples]
    jpeg.frame = jpeg.segments[-1].marker
    return True


def _scan(payload: bytes, jpeg: JpegFile) -> bool:
    if not payload:
        return False
    jpeg.scans.append(payload[0])
    return True


def _after_scan(data: bytes, at: int) -> int:
    """Offset of the first marker after entropy-coded bytes: 0xFF not followed by a stuffed 0 or a restart."""
    found = _MARKER.search(data, at)
    return found.start() if found else len(data)
