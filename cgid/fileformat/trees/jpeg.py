"""The structure tree of a JPEG: every marker with offset and length, tables, scans and the content of APPn segments.

Application segments are identified by their first bytes; data spread over several of them are joined.

Sources: ITU-T T.81, annex B; JFIF 1.02, Exif 2.32 (4.5.4), XMP part 3 (1.1.3), ICC.1 annex B.4, CIPA DC-007 (MPF), ISO
19566-5 (JUMBF).
"""

from __future__ import annotations

from cgid.fileformat import icc, jpeg_segments, jumbf, photoshop
from cgid.fileformat.jpeg import Component, JpegFile
from cgid.fileformat.node import Node, Span, close_gaps
from cgid.fileformat.quantisation_tables import nearest_quality
from cgid.fileformat.tree import ContainerParser, embedded_file
from cgid.fileformat.trees import tiff

EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
# (marker or 0 for any, first bytes, name, what it is, kind)
_APP_SEGMENTS = (
    (0xE0, b"JFIF\0", "JFIF", "JFIF header", "header"),
    (0xE0, b"JFXX\0", "JFXX", "JFIF extension, may hold a thumbnail", "preview"),
    (0xE0, b"AVI1", "AVI1", "Frame of a motion JPEG video", "header"),
    (0xE1, b"Exif\0\0", "Exif", "Exif metadata of the camera or program", "metadata"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0", "XMP", "XMP metadata", "metadata"),
    (0xE1, EXTENDED, "XMP extension", "Continuation of XMP metadata", "metadata"),
    (0xE2, b"ICC_PROFILE\0", "ICC", "Colour profile", "colour"),
    (0xE2, b"MPF\0", "MPF", "List of further images in the file (multi-image format)", "metadata"),
    (0xE2, b"FPXR\0", "FlashPix", "FlashPix metadata", "metadata"),
    (0xE2, b"urn:iso:std:iso:ts:21496:-1\0", "gain map", "ISO 21496-1 gain map metadata", "metadata"),
    (0xEB, b"JP", "JUMBF", "JUMBF boxes: content credentials (C2PA)", "credentials"),
    (0xEB, b"HDR_RI", "JPEG-HDR", "JPEG-HDR data", "metadata"),
    (0xEC, b"Ducky", "Ducky", "Photoshop quality (Save for Web)", "metadata"),
    (0xED, b"Photoshop 3.0\0", "Photoshop", "Photoshop resources, IPTC among them", "metadata"),
    (0xEE, b"Adobe", "Adobe", "Adobe's colour transform", "header"),
)
_TRANSFORMS = {0: "none (RGB or CMYK)", 1: "YCbCr", 2: "YCCK"}


def identify_segment(span: Span, node: Node, marker: int) -> None:
    """Name a segment by its body and parse its content if it is complete."""
    head, start = span.take(span.start, 40), span.start
    known = next((k for k in _APP_SEGMENTS if k[0] == marker and head.startswith(k[1])), None)
    if known is None:
        node.kind = "unknown" if span.end > start else "header"
        node.add_field("begins with", "".join(chr(b) if 32 <= b < 127 else "." for b in head[:24]))
        return
    _, signature, name, node.what, node.kind = known
    node.name += f" {name}"
    body = start + len(signature)
    if name == "JFIF":
        _jfif(span, node, body)
    elif name == "Exif":
        inner = span.inner(body, span.end)
        node.children = close_gaps(tiff.parse_block(inner)[0], inner, gaps=True)
    elif name == "MPF":
        inner = span.inner(body, span.end)
        node.children = close_gaps(tiff.parse_block(inner)[0], inner)
    elif name == "JFXX" and span.number(body, 1) == 0x10:
        node.children = [embedded_file(span, body + 1, span.end, "thumbnail", "Thumbnail")]
    elif name == "XMP":
        node.children = [span.node("XMP packet", body, span.end, "Metadata as XML", "metadata")]
    elif name == "Photoshop":
        node.children = photoshop.parse_resources(span.inner(body, span.end))
    elif name == "ICC":
        node.add_field("fragment", f"{span.number(body, 1)} of {span.number(body + 1, 1)}")
        if span.number(body + 1, 1) == 1:
            node.children = icc.parse_profile(span.inner(body + 2, span.end))
    elif name == "JUMBF":
        node.add_field("box", span.number(start + 2, 2))
        node.add_field("fragment", span.number(start + 4, 4))
    elif name == "Adobe" and span.end - body >= 7:
        transform = span.number(body + 6, 1)
        node.add_field("colour transform", _TRANSFORMS.get(transform, transform))
    elif name == "Ducky" and span.end - body >= 8:
        node.add_field("quality", span.number(body + 4, 4))


def _jfif(span: Span, node: Node, body: int) -> None:
    node.add_field("version", f"{span.number(body, 1)}.{span.number(body + 1, 1):02d}")
    unit = {0: "as proportions", 1: "per inch", 2: "per cm"}.get(span.number(body + 2, 1), "of unknown unit")
    node.add_field("density", f"{span.number(body + 3, 2)} x {span.number(body + 5, 2)} {unit}")
    columns, rows = span.number(body + 7, 1), span.number(body + 8, 1)
    if columns and rows:
        pixels = span.node("thumbnail", body + 9, body + 9 + 3 * columns * rows, "Thumbnail, raw RGB", "preview")
        pixels.add_field("size", f"{columns} x {rows} px")
        node.children = [pixels]


def join_segments(span: Span, apps: list[tuple[int, Node]]) -> None:
    """Join JUMBF boxes and ICC profiles that span several segments."""
    boxes: dict[int, list[tuple[int, Node]]] = {}
    for marker, node in apps:
        if marker == 0xEB and node.name.endswith("JUMBF") and node.length >= 20:
            boxes.setdefault(span.number(node.at + 6, 2), []).append((span.number(node.at + 8, 4), node))
    for number, fragments in list(boxes.items())[:64]:
        _jumbf(span, number, sorted(fragments, key=lambda p: p[0]))
    profile = [node for _, node in apps if node.name.endswith(" ICC")]
    if len(profile) > 1:
        ordered = sorted(profile, key=lambda n: span.number(n.at + 16, 1))
        joined = _joined(span, "ICC profile from several segments", [(n.at + 18, n.end) for n in ordered])
        ordered[0].children = icc.parse_profile(joined)


def _jumbf(span: Span, number: int, fragments: list[tuple[int, Node]]) -> None:
    """Every fragment repeats the box's length and type (8 bytes); only those of the first belong to the box."""
    first = fragments[0][1]
    if [n for n, _ in fragments] != list(range(fragments[0][0], fragments[0][0] + len(fragments))):
        first.add_problem("Fragments of this JUMBF box are missing or duplicated.")
    if len(fragments) == 1:
        first.children = jumbf.parse_boxes(span.inner(first.at + 12, first.end))
        return
    ranges = [(first.at + 12, first.end)] + [(n.at + 20, n.end) for _, n in fragments[1:]]
    joined = _joined(span, f"JUMBF box {number}, joined from {len(fragments)} segments", ranges)
    first.children = jumbf.parse_boxes(joined)


def _joined(span: Span, title: str, ranges: list[tuple[int, int]]) -> Span:
    ranges = [(a, b) for a, b in ranges if b > a]
    extents, at = [], 0
    origin = span.context.streams[span.stream]
    for start, end in ranges:
        there = origin.in_file(start)
        if there is not None:
            extents.append((at, there, end - start))
        at += end - start
    return span.unpacked(title, b"".join(span.data[a:b] for a, b in ranges), tuple(extents))


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
    join_segments(span, apps)
    return nodes, max(span.start + 2, nodes[-1].end)


def _between_segments(span: Span, part: jpeg_segments.Part) -> Node:
    """Fill bytes, stray bytes, the end marker, or a misplaced marker."""
    start, end, marker = part.start, part.end, part.marker
    if part.kind == jpeg_segments.STRAY:
        node = span.node("invalid marker", start, end, "Bytes in place of a marker", "unknown")
        node.add_problem(f"No marker begins at byte {start:,}, where one is expected.")
        return node
    if part.kind == jpeg_segments.FILL:
        return span.node("fill", start, end, "Fill bytes before a marker")
    if marker == jpeg_segments.EOI:
        return span.node("EOI", start, end, "End of image")
    name = {0x01: "TEM", 0xD8: "SOI"}.get(marker, f"RST{marker - 0xD0}" if marker >= 0xD0 else "FF00")
    return span.node(name, start, end, "Misplaced marker")


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
            f"The segment {node.name} at byte {at:,} declares {length:,} bytes, which do not fit: the file is truncated."
        )
        if 0xE0 <= marker <= 0xEF and end > span.end > at + 4:
            identify_segment(span.inner(at + 4, span.end), node, marker)  # the part that is present
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
        identify_segment(span.inner(body, end), node, marker)
    return node


def _entropy_coded(span: Span, part: jpeg_segments.Part) -> Node:
    node = span.node("scan data", part.start, part.end, "Entropy-coded image data", "picture")
    if restarts := sum(span.data.count(marker, part.start, part.end) for marker in _RESTARTS):
        node.add_field("restart markers", restarts)
    if not part.intact:
        node.add_problem("The image data run to the end of the file: it is truncated, or its end marker is missing.")
    return node


def _frame(span: Span, node: Node, body: int, end: int) -> None:
    count = span.number(body + 5, 1)
    if end - body < 6 + 3 * count:
        node.add_problem("It is too short for the components it declares.")
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


PARSER = ContainerParser("jpeg", "JPEG image", lambda head: head.startswith(b"\xff\xd8\xff"), _parse)
