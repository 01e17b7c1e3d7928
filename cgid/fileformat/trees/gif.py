"""The structure tree of a GIF: screen, colour tables, extensions, frames (GIF89a specification)."""

from __future__ import annotations

from typing import Any

from cgid.fileformat import gif_blocks, jumbf
from cgid.fileformat.node import Node, Span
from cgid.fileformat.tree import ContainerParser

MAX_SUB_BLOCKS = 200_000  # sub-blocks of one extension
_EXTENSIONS = {
    0xF9: ("Graphic control", "Delay and transparency of the next frame", "header"),
    0xFE: ("Comment", "Comment", "metadata"),
    0x01: ("Plain text", "Text rendered over the image", "metadata"),
    0xFF: ("Application", "Application data", "metadata"),
}


def _parse(span: Span) -> tuple[list[Node], int]:
    start = span.start
    screen = span.node("logical screen", start + 6, start + 13, "Size and background")
    screen.add_field("size", f"{span.number(start + 6, 2, 'little')} x {span.number(start + 8, 2, 'little')} px")
    nodes = [span.node("signature", start, start + 6, "GIF signature"), screen]
    if size := gif_blocks.colour_table_size(span.number(start + 10, 1)):
        nodes.append(_palette(span, start + gif_blocks.HEADER, size, "global colour table"))
    blocks = gif_blocks.blocks(span.data, start, span.end, lambda: span.context.is_late)
    while not span.context.is_full:
        block = next(blocks, None)
        if block is None:
            break
        if block.kind == gif_blocks.TRAILER:
            nodes.append(span.node("trailer", block.start, block.end, "End of the GIF"))
            return nodes, block.end
        nodes.append(_block(span, block))
    if nodes[-1].end >= span.end:
        nodes[-1].add_problem("The file ends without a trailer.")
    return nodes, nodes[-1].end


def _block(span: Span, block: gif_blocks.Block) -> Node:
    if block.kind == gif_blocks.IMAGE:
        return _frame(span, block)
    if block.kind == gif_blocks.EXTENSION:
        return _extension(span, block)
    node = span.node("invalid block", block.start, block.end, "Bytes in place of a block", "unknown")
    node.add_problem(f"No block begins at byte {block.start:,}, where one is expected.")
    return node


def _palette(span: Span, at: int, size: int, name: str) -> Node:
    node = span.node(name, at, at + size, f"{size // 3} colours", "tables")
    if at + size > span.end:
        node.add_problem("The colour table is truncated.")
    return node


def _frame(span: Span, block: gif_blocks.Block) -> Node:
    at, end = block.start, block.end
    flags = span.number(at + 9, 1)
    size = gif_blocks.colour_table_size(flags)
    node = span.node("frame", at, end, "Frame", "picture")
    left, top, width, height = (span.number(at + k, 2, "little") for k in (1, 3, 5, 7))
    node.add_field("size", f"{width} x {height} px at {left}, {top}")
    node.add_field("interlaced", "yes" if flags & 0x40 else "no")
    inner = span.inner(at, end)
    node.children = [inner.node("image descriptor", at, at + 10, "Position and size")]
    if size:
        node.children.append(_palette(inner, at + 10, size, "local colour table"))
    node.children.append(inner.node("LZW data", at + 10 + size, end, "Image data", "picture"))
    return node


def _extension(span: Span, block: gif_blocks.Block) -> Node:
    at = block.start
    label = span.number(at + 1, 1)
    name, what, kind = _EXTENSIONS.get(label, (f"Extension {label:02X}", "Unknown extension", "unknown"))
    if label == 0xFF:
        application = span.take(at + 3, 11).decode("latin-1")
        if application.startswith("XMP DataXMP"):
            what = "XMP metadata"
        elif application.startswith("C2PA_GIF"):
            what, kind = "Content credentials (C2PA)", "credentials"
        name = f"Application {''.join(c if c.isprintable() else '.' for c in application)}"
    node = span.node(name, at, block.end, what, kind)
    if kind == "credentials" and not span.deep:
        node.children = jumbf.parse_boxes(_joined(span, at + 14))
    if label == 0xFE:
        size = span.number(at + 2, 1)
        node.add_field("text", span.take(at + 3, size).decode("utf-8", "replace"))
    elif label == 0xF9:
        node.add_field("delay", f"{span.number(at + 4, 2, 'little') * 10} ms")
    return node


def _joined(span: Span, at: int) -> Span:
    """The data of the sub-blocks that begin at `at`, without their length bytes."""
    origin, data, here = span.context.streams[span.stream], span.data, 0
    extents: list[Any] = []
    parts: list[bytes] = []
    while at < span.end and data[at] and len(parts) < MAX_SUB_BLOCKS:
        part = span.take(at + 1, data[at])
        there = origin.in_file(at + 1)
        if part and there is not None:
            extents.append((here, there, len(part)))
        parts.append(part)
        here += len(part)
        at += data[at] + 1
    return span.unpacked("credentials, joined from sub-blocks", b"".join(parts), tuple(extents))


PARSER = ContainerParser("gif", "GIF image", lambda head: head[:6] in (b"GIF87a", b"GIF89a"), _parse)
