"""The tree of a JPEG: every marker with offset and length, tables, scans, what each APPn holds (ITU-T T.81, annex B)."""

from __future__ import annotations

from cgid.bench.structure import app_segments
from cgid.bench.structure.node import Node, Span
from cgid.bench.structure.walker import ContainerParser
from cgid.features.parsers.jpeg_file import Component, JpegFile
from cgid.features.parsers.quantisation import nearest_quality
from cgid.fileformat import jpeg_segments

_RESTARTS = tuple(bytes((0xFF, marker)) for marker in range(0xD0, 0xD8))
_FRAMES = {
    0xC0: "baseline",
    0xC1: "extended sequential",
    0xC2: "progressive",
    0xC3: "lossless",
    0xC5: "differential sequential",
    0xC6: "differential progressive",
    0xC7: "differential lossless",
    0xC9: "extended sequential, arithmetic",
    0xCA: "progressive, arithmetic",
    0xCB: "lossless, arithmetic",
    0xCD: "differential sequential, arithmetic",
    0xCE: "differential progressive, arithmetic",
    0xCF: "differential lossless, arithmetic",
}
_NAMES = {
    0xC4: ("DHT", "Huffman tables"),
    0xC8: ("JPG", "Reserved"),
    0xCC: ("DAC", "Arithmetic coding conditions"),
    0xD8: ("SOI", "Start of image"),
    0xD9: ("EOI", "End of image"),
    0xDA: ("SOS", "Start of a scan"),
    0xDB: ("DQT", "Quantisation tables"),
    0xDC: ("DNL", "Number of lines"),
    0xDD: ("DRI", "Restart interval"),
    0xDE: ("DHP", "Hierarchical progression"),
    0xDF: ("EXP", "Expand reference"),
    0xFE: ("COM", "Comment"),
}


def _parse(span: Span) -> tuple[list[Node], int]:
    nodes = [span.node("SOI", span.start, span.start + 2, "Start of image")]
    apps: list[tuple[int, Node]] = []
    parts = jpeg_segments.parts(span.data, span.start, span.end, resync=True)
    while not span.context.is_full:
        part = next(parts, None)
        if part is None or part.kind == jpeg_segments.LIMIT:
            nodes[-1].add_problem("The file ends without an end-of-image marker.")
            break
        if part.kind != jpeg_segments.SEGMENT:
            nodes.append(_between_segments(span, part))
            if part.marker == jpeg_segments.EOI:
                break
            continue
        node = _segment(span, part)
        nodes.append(node)
        if 0xE0 <= part.marker <= 0xEF:
            apps.append((part.marker, node))
        if node.problem and node.end >= span.end:
            break
        if part.marker == jpeg_segments.SOS:
            nodes.append(_entropy_coded(span, next(parts)))
    app_segments.join(span, apps)
    return nodes, max(span.start + 2, nodes[-1].end)


def _between_segments(span: Span, part: jpeg_segments.Part) -> Node:
    """Fill bytes, stray bytes, the end marker, or a marker that does not belong here."""
    start, end, marker = part.start, part.end, part.marker
    if part.kind == jpeg_segments.STRAY:
        node = span.node("no marker", start, end, "Bytes where a marker should be", "unknown")
        node.add_problem(f"At byte {start:,} a marker should begin, and none does.")
        return node
    if part.kind == jpeg_segments.FILL:
        return span.node("fill", start, end, "Fill bytes before a marker")
    if marker == jpeg_segments.EOI:
        return span.node("EOI", start, end, "End of image")
    name = {0x01: "TEM", 0xD8: "SOI"}.get(marker, f"RST{marker - 0xD0}" if marker >= 0xD0 else "FF00")
    return span.node(name, start, end, "A marker outside its place")


def _segment(span: Span, part: jpeg_segments.Part) -> Node:
    at, end, marker = part.start, part.end, part.marker
    name, what = _NAMES.get(marker, ("", ""))
    if marker in _FRAMES:
        name, what = f"SOF{marker - 0xC0}", f"Frame header: {_FRAMES[marker]}"
    elif 0xE0 <= marker <= 0xEF:
        name, what = f"APP{marker - 0xE0}", "Application data"
    node = span.node(
        name or f"FF{marker:02X}",
        at,
        end,
        what or "Unknown segment",
        "tables" if name in ("DHT", "DQT", "DAC") else "header",
    )
    if not part.intact:
        length = span.number(at + 2, 2)
        node.add_problem(
            f"The segment {node.name} at byte {at:,} names {length:,} bytes, which do not fit: the file is cut short."
        )
        if 0xE0 <= marker <= 0xEF and end > span.end > at + 4:
            app_segments.identify(span.inner(at + 4, span.end), node, marker)  # what is left of it
        return node
    body = at + 4
    if marker in _FRAMES:
        _frame(span, node, body, end)
    elif marker == 0xDB:
        _quantisation(span, node, body, end)
    elif marker == 0xC4:
        _huffman(span, node, body, end)
    elif marker == 0xDD:
        node.add_field("interval", f"{span.number(body, 2)} blocks")
    elif marker == 0xDA and end > body:
        count = span.number(body, 1)
        node.add_field("components", count)
        if end - body >= 4 + 2 * count:
            node.add_field(
                "spectral", f"{span.number(body + 1 + 2 * count, 1)}..{span.number(body + 2 + 2 * count, 1)}"
            )
    elif marker == 0xFE:
        node.kind = "metadata"
        node.add_field("text", span.take(body, min(end - body, 400)).decode("utf-8", "replace"))
    elif 0xE0 <= marker <= 0xEF:
        app_segments.identify(span.inner(body, end), node, marker)
    return node


def _entropy_coded(span: Span, part: jpeg_segments.Part) -> Node:
    node = span.node("scan data", part.start, part.end, "Entropy-coded picture data", "picture")
    if restarts := sum(span.data.count(marker, part.start, part.end) for marker in _RESTARTS):
        node.add_field("restart markers", restarts)
    if not part.intact:
        node.add_problem("The picture data runs to the end of the file: it is cut short, or its end marker is gone.")
    return node


def _frame(span: Span, node: Node, body: int, end: int) -> None:
    count = span.number(body + 5, 1)
    if end - body < 6 + 3 * count:
        node.add_problem("It is too short for the components it names.")
        return
    node.add_field("size", f"{span.number(body + 3, 2)} x {span.number(body + 1, 2)} px")
    node.add_field("bits", span.number(body, 1))
    triples = [span.take(body + 6 + 3 * i, 3) for i in range(count)]
    parts = [Component(c, f >> 4, f & 15, t) for c, f, t in triples]
    node.add_field("components", ", ".join(f"{c.id}: {c.horizontal}x{c.vertical} table {c.table}" for c in parts[:8]))
    if parts:
        node.add_field("chroma", JpegFile(components=parts).subsampling)


def _quantisation(span: Span, node: Node, body: int, end: int) -> None:
    at = body
    while at < end and not span.context.is_full:
        wide, number = span.number(at, 1) >> 4, span.number(at, 1) & 15
        size = 128 if wide else 64
        if at + 1 + size > end or wide > 1 or number > 3:
            node.add_problem("A quantisation table in it is malformed.")
            return
        raw = span.take(at + 1, size)
        steps = tuple(raw) if not wide else tuple(int.from_bytes(raw[i : i + 2], "big") for i in range(0, 128, 2))
        table = span.node(f"table {number}", at, at + 1 + size, "Quantisation table, zig-zag order", "tables")
        table.add_field("bits", 16 if wide else 8)
        quality, distance = nearest_quality(steps, "chroma" if number else "luma")
        table.add_field(
            "nearest standard quality", f"{quality} ({'exact' if distance == 0 else f'differs by {distance:.1f}'})"
        )
        table.add_field("steps", " ".join(map(str, steps)))
        node.children.append(table)
        at += 1 + size


def _huffman(span: Span, node: Node, body: int, end: int) -> None:
    at = body
    while at < end and not span.context.is_full:
        counts = span.take(at + 1, 16)
        size = 17 + sum(counts)
        if len(counts) < 16 or at + size > end:
            node.add_problem("A Huffman table in it is malformed.")
            return
        head = span.number(at, 1)
        table = span.node(f"{'AC' if head >> 4 else 'DC'} table {head & 15}", at, at + size, "Huffman table", "tables")
        table.add_field("codes", sum(counts))
        node.children.append(table)
        at += size


PARSER = ContainerParser("jpeg", "JPEG picture", lambda head: head.startswith(b"\xff\xd8\xff"), _parse)
