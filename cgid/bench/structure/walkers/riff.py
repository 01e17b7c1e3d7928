"""Takes a WebP apart: its RIFF chunks, with Exif, XMP, colour profile and credentials (WebP Container Specification)."""

from __future__ import annotations

from cgid.bench.structure import icc, jumbf
from cgid.bench.structure.node import Node, Span, settle
from cgid.bench.structure.walker import Walker
from cgid.bench.structure.walkers import tiff

_WHAT = {
    "VP8 ": ("Picture data, lossy", "picture"),
    "VP8L": ("Picture data, lossless", "picture"),
    "VP8X": ("Extended header", "header"),
    "ALPH": ("Transparency", "picture"),
    "ANIM": ("Animation", "header"),
    "ANMF": ("Frame of an animation", "picture"),
    "ICCP": ("Colour profile", "colour"),
    "EXIF": ("Exif metadata", "metadata"),
    "XMP ": ("XMP metadata", "metadata"),
    "C2PA": ("Content credentials (C2PA) in JUMBF", "credentials"),
}
_FLAGS = ((0x20, "colour profile"), (0x10, "transparency"), (0x08, "Exif"), (0x04, "XMP"), (0x02, "animation"))
FRAME_HEADER = 16  # bytes of an ANMF chunk before its own chunks


def _walk(span: Span) -> tuple[list[Node], int]:
    start, size = span.start, span.number(span.start + 4, 4, "little")
    header = span.node("RIFF", start, start + 12, "RIFF header: WebP")
    header.fact("length it names", f"{size:,}")
    end = start + 8 + size + size % 2
    if end > span.end + size % 2:
        header.wrong(f"The header names {size + 8:,} bytes, the file has {span.end - start:,}: it is cut short.")
    end = max(min(end, span.end), header.end)
    return [header, *_chunks(span.inner(start + 12, end))], end


def _chunks(span: Span) -> list[Node]:
    found: list[Node] = []
    at = span.start
    while at < span.end and not span.walk.full:
        size = span.number(at + 4, 4, "little")
        end = at + 8 + size
        kind = "".join(chr(b) if 32 <= b < 127 else "?" for b in span.take(at, 4))
        what, holds = _WHAT.get(kind, ("Chunk of no known kind", "unknown"))
        node = span.node(kind, at, end + size % 2, what, holds)
        found.append(node)
        if at + 8 > span.end or end > span.end:
            node.wrong(f"The chunk at byte {at:,} claims {size:,} bytes; the file ends before.")
            break
        _inside(span.inner(at + 8, end), kind, node)
        at = node.end
    return found


def _inside(span: Span, kind: str, node: Node) -> None:
    at, size = span.start, span.end - span.start
    if kind == "VP8X" and size >= 10:
        flags = span.number(at, 1)
        node.fact("holds", ", ".join(name for bit, name in _FLAGS if flags & bit) or "nothing further")
        width, height = span.number(at + 4, 3, "little") + 1, span.number(at + 7, 3, "little") + 1
        node.fact("size", f"{width} x {height} px")
    elif kind == "VP8 " and span.take(at + 3, 3) == b"\x9d\x01\x2a":
        width, height = (span.number(at + k, 2, "little") & 0x3FFF for k in (6, 8))
        node.fact("size", f"{width} x {height} px")
    elif kind == "VP8L" and span.number(at, 1) == 0x2F:
        bits = span.number(at + 1, 4, "little")
        node.fact("size", f"{(bits & 0x3FFF) + 1} x {(bits >> 14 & 0x3FFF) + 1} px")
    elif kind == "ANMF" and size > FRAME_HEADER and not span.deep:
        node.children = settle(
            _chunks(span.inner(at + FRAME_HEADER, span.end)), span.inner(at + FRAME_HEADER, span.end)
        )
    elif kind == "ICCP":
        node.children = icc.profile(span)
    elif kind == "EXIF":
        prefix = 6 if span.take(at, 6) == b"Exif\0\0" else 0
        inner = span.inner(at + prefix, span.end)
        node.children = settle(tiff.block(inner)[0], inner)
    elif kind == "C2PA":
        node.children = jumbf.boxes(span)


WALKER = Walker("riff", "WebP picture", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _walk)
