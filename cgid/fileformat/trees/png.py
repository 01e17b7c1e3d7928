"""The structure tree of a PNG: every chunk with length and checksum, texts by keyword, the content of eXIf, iCCP and
caBX.

Source: PNG specification (W3C, third edition), sections 5 and 11.
"""

from __future__ import annotations

import zlib

from cgid.fileformat import icc, jumbf, png_chunks
from cgid.fileformat.node import Node, Span, close_gaps
from cgid.fileformat.tree import ContainerParser
from cgid.fileformat.trees import tiff

MAX_PROFILE_BYTES = 4 * 1024 * 1024
MAX_UNGROUPED = 4  # consecutive data chunks listed individually
_CHUNKS = {
    "IHDR": ("Image header", "header"),
    "PLTE": ("Palette", "tables"),
    "IDAT": ("Image data", "picture"),
    "fdAT": ("Image data of a further frame", "picture"),
    "IEND": ("End of image", "header"),
    "acTL": ("Animation control", "header"),
    "fcTL": ("Frame control", "header"),
    "tEXt": ("Text", "metadata"),
    "zTXt": ("Compressed text", "metadata"),
    "iTXt": ("International text", "metadata"),
    "eXIf": ("Exif metadata", "metadata"),
    "tIME": ("Time of last modification", "metadata"),
    "iCCP": ("Colour profile", "colour"),
    "sRGB": ("Colours are sRGB", "colour"),
    "gAMA": ("Gamma", "colour"),
    "cHRM": ("Primary colours and white point", "colour"),
    "cICP": ("Coding-independent code points", "colour"),
    "mDCV": ("Mastering display", "colour"),
    "cLLI": ("Light level", "colour"),
    "sBIT": ("Significant bits", "header"),
    "bKGD": ("Background colour", "header"),
    "hIST": ("Palette histogram", "tables"),
    "tRNS": ("Transparency", "tables"),
    "pHYs": ("Pixel size", "header"),
    "sPLT": ("Suggested palette", "tables"),
    "caBX": ("Content credentials (C2PA) in JUMBF", "credentials"),
    "CgBI": ("Apple variant of PNG", "header"),
}
_COLOURS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGB with alpha"}


def _parse(span: Span) -> tuple[list[Node], int]:
    nodes = [span.node("signature", span.start, span.start + 8, "PNG signature")]
    chunks = png_chunks.chunks(span.data, span.start, span.end)
    while not span.context.is_full:
        chunk = next(chunks, None)
        if chunk is None:
            nodes[-1].add_problem("The file ends without IEND.")
            break
        nodes.append(_chunk(span, chunk) if chunk.complete else _cut_chunk(span, chunk))
        if nodes[-1].name == "IEND" or not chunk.complete:
            break
    return _grouped(nodes, span), nodes[-1].end


def _cut_chunk(span: Span, chunk: png_chunks.Chunk) -> Node:
    node = span.node("truncated chunk", chunk.start, span.end, "Truncated chunk", "unknown")
    node.add_problem(f"The chunk at byte {chunk.start:,} claims {chunk.size:,} bytes; the file ends before.")
    return node


def _chunk(span: Span, chunk: png_chunks.Chunk) -> Node:
    at, size = chunk.start, chunk.size
    raw = span.take(at + 4, 4)
    kind = "".join(chr(b) if 32 < b < 127 else "?" for b in raw)
    what, holds = _CHUNKS.get(kind, ("Unknown chunk", "unknown"))
    node = span.node(kind, at, at + 12 + size, what, holds)
    body = chunk.body
    if not png_chunks.checksum_matches(span.data, chunk):
        node.add_problem(
            f"The checksum of the chunk {kind} at byte {at:,} is wrong: its bytes were altered or damaged."
        )
    if not all(chr(b).isalpha() and b < 128 for b in raw):
        node.add_problem(f"The chunk at byte {at:,} has an invalid name.")
    inner = span.inner(body, body + size)
    if kind == "IHDR" and size == 13:
        node.add_field("size", f"{span.number(body, 4)} x {span.number(body + 4, 4)} px")
        node.add_field("bits", span.number(body + 8, 1))
        node.add_field("colours", _COLOURS.get(span.number(body + 9, 1), "unknown"))
        node.add_field("interlaced", "yes" if span.number(body + 12, 1) else "no")
    elif kind in ("tEXt", "zTXt", "iTXt"):
        key, _, rest = span.take(body, min(size, 600)).partition(b"\0")
        node.add_field("keyword", key[:79].decode("latin-1"))
        if kind == "tEXt":
            node.add_field("text", rest.decode("utf-8", "replace"))
    elif kind == "eXIf":
        node.children = close_gaps(tiff.parse_block(inner)[0], inner)
    elif kind == "caBX":
        node.children = jumbf.parse_boxes(inner)
    elif kind == "iCCP":
        _profile(inner, node)
    elif kind == "pHYs" and size == 9:
        unit = "per metre" if span.number(body + 8, 1) == 1 else "as proportions"
        node.add_field("density", f"{span.number(body, 4)} x {span.number(body + 4, 4)} {unit}")
    elif kind == "gAMA" and size == 4:
        node.add_field("gamma", f"{span.number(body, 4) / 100000:g}")
    elif kind == "tIME" and size == 7:
        parts = [span.number(body, 2), *(span.number(body + i, 1) for i in range(2, 7))]
        node.add_field("time", "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}".format(*parts))
    elif kind == "acTL" and size == 8:
        node.add_field("frames", span.number(body, 4))
    elif kind == "PLTE":
        node.add_field("colours", size // 3)
    return node


def _profile(span: Span, node: Node) -> None:
    name, _, rest = span.take(span.start, span.end - span.start).partition(b"\0")
    node.add_field("name", name[:79].decode("latin-1"))
    try:
        raw = zlib.decompressobj().decompress(rest[1:], max(1, min(MAX_PROFILE_BYTES, span.context.unpack_bytes_left)))
    except zlib.error:
        node.add_problem("The colour profile cannot be decompressed.")
        return
    span.context.unpack_bytes_left -= len(raw)
    node.children = icc.parse_profile(span.unpacked("decompressed colour profile", raw))


def _grouped(nodes: list[Node], span: Span) -> list[Node]:
    """Group long runs of data chunks under one node."""
    grouped: list[Node] = []
    at = 0
    while at < len(nodes):
        to = at + 1
        while to < len(nodes) and nodes[to].name == nodes[at].name and nodes[at].name in ("IDAT", "fdAT"):
            to += 1
        if to - at > MAX_UNGROUPED:
            run = nodes[at:to]
            what, kind = _CHUNKS[run[0].name]
            group = span.node(f"{len(run):,} x {run[0].name}", run[0].at, run[-1].end, what, kind)
            group.children = run
            grouped.append(group)
        else:
            grouped += nodes[at:to]
        at = to
    return grouped


PARSER = ContainerParser("png", "PNG image", lambda head: head.startswith(png_chunks.SIGNATURE), _parse)
