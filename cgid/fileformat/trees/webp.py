"""The structure tree of a WebP: its RIFF chunks, with Exif, XMP, colour profile and credentials (WebP Container
Specification).
"""

from __future__ import annotations

from cgid.fileformat import icc, jumbf, riff_chunks
from cgid.fileformat.node import Node, Span, close_gaps
from cgid.fileformat.tree import ContainerParser
from cgid.fileformat.trees import tiff

_CHUNKS = {
    "VP8 ": ("Image data, lossy", "picture"),
    "VP8L": ("Image data, lossless", "picture"),
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
FRAME_HEADER = 16  # bytes of an ANMF chunk before its sub-chunks


def _parse(span: Span) -> tuple[list[Node], int]:
    start, size = span.start, riff_chunks.declared_size(span.data, span.start, span.end)
    header = span.node("RIFF", start, start + 12, "RIFF header: WebP")
    header.add_field("declared length", f"{size:,}")
    end = riff_chunks.declared_end(span.data, start, span.end)
    if end > span.end + size % 2:
        header.add_problem(
            f"The header declares {size + 8:,} bytes, the file has {span.end - start:,}: it is truncated."
        )
    end = max(min(end, span.end), header.end)
    return [header, *_chunks(span.inner(start + riff_chunks.HEADER, end))], end


def _chunks(span: Span) -> list[Node]:
    nodes: list[Node] = []
    for chunk in riff_chunks.chunks(span.data, span.start, span.end):
        if span.context.is_full:
            break
        kind = "".join(c if " " <= c <= "~" else "?" for c in chunk.kind)
        what, holds = _CHUNKS.get(kind, ("Unknown chunk", "unknown"))
        node = span.node(kind, chunk.start, chunk.end, what, holds)
        nodes.append(node)
        if chunk.complete:
            _inside(span.inner(chunk.body, chunk.body_end), kind, node)
        else:
            size = chunk.body_end - chunk.body
            node.add_problem(f"The chunk at byte {chunk.start:,} claims {size:,} bytes; the file ends before.")
    return nodes


def _inside(span: Span, kind: str, node: Node) -> None:
    at, size = span.start, span.end - span.start
    if kind == "VP8X" and size >= 10:
        flags = span.number(at, 1)
        node.add_field("contains", ", ".join(name for bit, name in _FLAGS if flags & bit) or "nothing else")
        width, height = span.number(at + 4, 3, "little") + 1, span.number(at + 7, 3, "little") + 1
        node.add_field("size", f"{width} x {height} px")
    elif kind == "VP8 " and span.take(at + 3, 3) == b"\x9d\x01\x2a":
        width, height = (span.number(at + k, 2, "little") & 0x3FFF for k in (6, 8))
        node.add_field("size", f"{width} x {height} px")
    elif kind == "VP8L" and span.number(at, 1) == 0x2F:
        bits = span.number(at + 1, 4, "little")
        node.add_field("size", f"{(bits & 0x3FFF) + 1} x {(bits >> 14 & 0x3FFF) + 1} px")
    elif kind == "ANMF" and size > FRAME_HEADER and not span.deep:
        node.children = close_gaps(
            _chunks(span.inner(at + FRAME_HEADER, span.end)), span.inner(at + FRAME_HEADER, span.end)
        )
    elif kind == "ICCP":
        node.children = icc.parse_profile(span)
    elif kind == "EXIF":
        prefix = 6 if span.take(at, 6) == b"Exif\0\0" else 0
        inner = span.inner(at + prefix, span.end)
        node.children = close_gaps(tiff.parse_block(inner)[0], inner)
    elif kind == "C2PA":
        node.children = jumbf.parse_boxes(span)


PARSER = ContainerParser("riff", "WebP image", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _parse)
