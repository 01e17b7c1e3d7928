"""Takes a GIF apart: screen, colour tables, extensions, frames (GIF89a specification)."""

from __future__ import annotations

from cgid.bench.structure import jumbf
from cgid.bench.structure.node import Node, Span
from cgid.bench.structure.walker import Walker

MOST_JOINED = 200_000  # sub-blocks of one extension
LOOK_UP = 65_536  # sub-blocks after which the clock is looked at
_EXTENSIONS = {
    0xF9: ("Graphic control", "Delay and transparency of the next frame", "header"),
    0xFE: ("Comment", "Comment", "metadata"),
    0x01: ("Plain text", "Text drawn over the picture", "metadata"),
    0xFF: ("Application", "Application data", "metadata"),
}


def _walk(span: Span) -> tuple[list[Node], int]:
    start = span.start
    screen = span.node("logical screen", start + 6, start + 13, "Size and background")
    screen.fact("size", f"{span.number(start + 6, 2, 'little')} x {span.number(start + 8, 2, 'little')} px")
    found, at = [span.node("signature", start, start + 6, "GIF signature"), screen], start + 13
    flags = span.number(start + 10, 1)
    if flags & 0x80:
        size = 3 << ((flags & 7) + 1)
        found.append(_palette(span, at, size, "global colour table"))
        at += size
    while at < span.end and not span.walk.full:
        mark = span.number(at, 1)
        if mark == 0x3B:
            found.append(span.node("trailer", at, at + 1, "End of the GIF"))
            return found, at + 1
        if mark == 0x2C:
            node = _frame(span, at)
        elif mark == 0x21:
            node = _extension(span, at)
        else:
            node = span.node("no block", at, span.end, "Bytes where a block should be", "unknown")
            node.wrong(f"At byte {at:,} a block should begin, and none does.")
        found.append(node)
        at = node.end
    if at >= span.end:
        found[-1].wrong("The file ends without a trailer.")
    return found, min(at, span.end)


def _palette(span: Span, at: int, size: int, name: str) -> Node:
    node = span.node(name, at, at + size, f"{size // 3} colours", "tables")
    if at + size > span.end:
        node.wrong("The colour table is cut short.")
    return node


def _frame(span: Span, at: int) -> Node:
    flags = span.number(at + 9, 1)
    size = (3 << ((flags & 7) + 1)) if flags & 0x80 else 0
    end = _blocks_end(span, at + 11 + size)
    node = span.node("frame", at, end, "Picture", "picture")
    left, top, width, height = (span.number(at + k, 2, "little") for k in (1, 3, 5, 7))
    node.fact("size", f"{width} x {height} px at {left}, {top}")
    node.fact("interlaced", "yes" if flags & 0x40 else "no")
    inner = span.inner(at, end)
    node.children = [inner.node("image descriptor", at, at + 10, "Place and size")]
    if size:
        node.children.append(_palette(inner, at + 10, size, "local colour table"))
    node.children.append(inner.node("LZW data", at + 10 + size, end, "Picture data", "picture"))
    return node


def _extension(span: Span, at: int) -> Node:
    label = span.number(at + 1, 1)
    name, what, kind = _EXTENSIONS.get(label, (f"Extension {label:02X}", "Extension of no known kind", "unknown"))
    end = _blocks_end(span, at + 2)
    if label == 0xFF:
        who = span.take(at + 3, 11).decode("latin-1")
        if who.startswith("XMP DataXMP"):
            # XMP is written as it is; the blocks' lengths only make sense at its end.
            closing = span.data.find(b"\x01\x00\x00", at, span.end)
            end = closing + 3 if closing >= 0 else end
            what = "XMP metadata"
        elif who.startswith("C2PA_GIF"):
            what, kind = "Content credentials (C2PA)", "credentials"
        name = f"Application {''.join(c if c.isprintable() else '.' for c in who)}"
    node = span.node(name, at, end, what, kind)
    if kind == "credentials" and not span.deep:
        node.children = jumbf.boxes(_joined(span, at + 14))
    if label == 0xFE:
        size = span.number(at + 2, 1)
        node.fact("text", span.take(at + 3, size).decode("utf-8", "replace"))
    elif label == 0xF9:
        node.fact("delay", f"{span.number(at + 4, 2, 'little') * 10} ms")
    return node


def _joined(span: Span, at: int) -> Span:
    """The sub-blocks that begin at `at`, without their length bytes."""
    origin, data, pieces, parts, here = span.walk.streams[span.stream], span.data, [], [], 0
    while at < span.end and data[at] and len(parts) < MOST_JOINED:
        part = span.take(at + 1, data[at])
        there = origin.in_file(at + 1)
        if part and there is not None:
            pieces.append((here, there, len(part)))
        parts.append(part)
        here += len(part)
        at += data[at] + 1
    return span.unpacked("credentials, joined out of sub-blocks", b"".join(parts), tuple(pieces))


def _blocks_end(span: Span, at: int) -> int:
    """Offset after the sub-blocks that begin at `at`."""
    data, end, passed = span.data, span.end, 0
    while at < end and data[at]:
        at += data[at] + 1
        passed += 1
        if passed % LOOK_UP == 0 and span.walk.late:
            break
    return min(at + 1, end)


WALKER = Walker("gif", "GIF picture", lambda head: head[:6] in (b"GIF87a", b"GIF89a"), _walk)
