"""Parses a JPEG file for features: segments, tables, frame header and scans (ITU-T T.81, annex B).

Nothing is decoded and nothing raises: parsing stops at the first invalid part, and `problem` says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cgid.fileformat import jpeg_segments


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
    """tables: quantisation tables by number, 64 steps in zig-zag order, by the last definition.

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
        """`4:4:4`, `4:2:2`, `4:2:0`, `4:4:0`, `4:1:1`, `grey`, or `other`."""
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
        """Quantisation steps of the first component in zig-zag order, or None."""
        return self.tables.get(self.components[0].table) if self.components else None

    def payloads(self, marker: int, start: bytes = b"") -> list[bytes]:
        """Payloads of every segment with that marker which begin with `start`."""
        return [s.payload for s in self.segments if s.marker == marker and s.payload.startswith(start)]


def read_jpeg(data: bytes) -> JpegFile:
    """The structure of the first image of a JPEG file, up to its end marker. Never raises."""
    jpeg = JpegFile(end=len(data))
    if data[:2] != b"\xff\xd8":
        jpeg.problem = "no start marker"
        return jpeg
    for part in jpeg_segments.parts(data):
        if part.kind == jpeg_segments.SEGMENT:
            _read_segment(data, part, jpeg)
        elif part.kind == jpeg_segments.STRAY:
            jpeg.problem = f"byte {part.start} is no marker"
        elif part.kind == jpeg_segments.LIMIT:
            jpeg.problem = f"more than {jpeg_segments.MAX_SEGMENTS} segments"
        elif part.marker == jpeg_segments.EOI:
            jpeg.has_end, jpeg.end = True, part.end
        if jpeg.problem:
            return jpeg
    if not jpeg.has_end:
        jpeg.problem = "no end marker"
    return jpeg


def _read_segment(data: bytes, part: jpeg_segments.Part, jpeg: JpegFile) -> None:
    if not part.intact:
        jpeg.problem = f"segment {part.marker:02X} at byte {part.start} runs past the end of the file"
        return
    payload = data[part.start + 4 : part.end]
    jpeg.segments.append(Segment(part.marker, part.start, payload))
    reader = _READERS.get(part.marker)
    if reader and not reader(payload, jpeg):
        jpeg.problem = f"segment {part.marker:02X} at byte {part.start} is malformed"


def _quantisation(payload: bytes, jpeg: JpegFile) -> bool:
    at = 0
    while at < len(payload):
        wide, number = payload[at] >> 4, payload[at] & 15
        size = 128 if wide else 64
        values = payload[at + 1 : at + 1 + size]
        if len(values) < size or number > 3 or wide > 1:
            return False
        if wide:
            jpeg.tables[number] = tuple(int.from_bytes(values[i : i + 2], "big") for i in range(0, 128, 2))
        else:
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


_READERS = {0xDB: _quantisation, 0xC4: _huffman, 0xDD: _restart, jpeg_segments.SOS: _scan}
_READERS |= dict.fromkeys(jpeg_segments.FRAMES, _frame)
