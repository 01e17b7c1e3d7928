"""What a JPEG's application segments hold, identified by their first bytes; and what is spread over several of them, joined.

Sources: JFIF 1.02, Exif 2.32 (4.5.4), XMP part 3 (1.1.3), ICC.1 annex B.4, CIPA DC-007 (MPF), ISO 19566-5 (JUMBF).
"""

from __future__ import annotations

from cgid.bench.structure import icc, jumbf, photoshop
from cgid.bench.structure.node import Node, Span, close_gaps
from cgid.bench.structure.walker import embedded
from cgid.bench.structure.walkers import tiff

EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
# (marker or 0 for any, first bytes, name, what it is, kind)
_KNOWN = (
    (0xE0, b"JFIF\0", "JFIF", "JFIF header", "header"),
    (0xE0, b"JFXX\0", "JFXX", "JFIF extension, may hold a thumbnail", "preview"),
    (0xE0, b"AVI1", "AVI1", "Frame of a motion JPEG film", "header"),
    (0xE1, b"Exif\0\0", "Exif", "Exif metadata of the camera or program", "metadata"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0", "XMP", "XMP metadata", "metadata"),
    (0xE1, EXTENDED, "XMP extension", "A further piece of XMP metadata", "metadata"),
    (0xE2, b"ICC_PROFILE\0", "ICC", "Colour profile", "colour"),
    (0xE2, b"MPF\0", "MPF", "List of further pictures in the file (multi-picture format)", "metadata"),
    (0xE2, b"FPXR\0", "FlashPix", "FlashPix metadata", "metadata"),
    (0xE2, b"urn:iso:std:iso:ts:21496:-1\0", "gain map", "ISO 21496-1 gain map metadata", "metadata"),
    (0xEB, b"JP", "JUMBF", "JUMBF boxes: content credentials (C2PA) lie here", "credentials"),
    (0xEB, b"HDR_RI", "JPEG-HDR", "JPEG-HDR data", "metadata"),
    (0xEC, b"Ducky", "Ducky", "Photoshop's quality for the web", "metadata"),
    (0xED, b"Photoshop 3.0\0", "Photoshop", "Photoshop resources, IPTC among them", "metadata"),
    (0xEE, b"Adobe", "Adobe", "Adobe's colour transform", "header"),
)
_TRANSFORMS = {0: "none (RGB or CMYK)", 1: "YCbCr", 2: "YCCK"}


def identify(span: Span, node: Node, marker: int) -> None:
    """Name a segment by its body and parse what lies wholly in it."""
    head, start = span.take(span.start, 40), span.start
    known = next((k for k in _KNOWN if k[0] == marker and head.startswith(k[1])), None)
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
        node.children = close_gaps(tiff.block(inner)[0], inner, gaps=True)
    elif name == "MPF":
        inner = span.inner(body, span.end)
        node.children = close_gaps(tiff.block(inner)[0], inner)
    elif name == "JFXX" and span.number(body, 1) == 0x10:
        node.children = [embedded(span, body + 1, span.end, "thumbnail", "Thumbnail picture")]
    elif name == "XMP":
        node.children = [span.node("XMP packet", body, span.end, "Metadata as XML", "metadata")]
    elif name == "Photoshop":
        node.children = photoshop.resources(span.inner(body, span.end))
    elif name == "ICC":
        node.add_field("piece", f"{span.number(body, 1)} of {span.number(body + 1, 1)}")
        if span.number(body + 1, 1) == 1:
            node.children = icc.profile(span.inner(body + 2, span.end))
    elif name == "JUMBF":
        node.add_field("box", span.number(start + 2, 2))
        node.add_field("piece", span.number(start + 4, 4))
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


def join(span: Span, apps: list[tuple[int, Node]]) -> None:
    """JUMBF boxes, ICC profiles and MPF pictures that reach over their segment."""
    boxes: dict[int, list[tuple[int, Node]]] = {}
    for marker, node in apps:
        if marker == 0xEB and node.name.endswith("JUMBF") and node.length >= 20:
            boxes.setdefault(span.number(node.at + 6, 2), []).append((span.number(node.at + 8, 4), node))
    for number, fragments in list(boxes.items())[:64]:
        _jumbf(span, number, sorted(fragments, key=lambda p: p[0]))
    profile = [node for _, node in apps if node.name.endswith(" ICC")]
    if len(profile) > 1:
        ordered = sorted(profile, key=lambda n: span.number(n.at + 16, 1))
        joined = _joined(span, "ICC profile out of several segments", [(n.at + 18, n.end) for n in ordered])
        ordered[0].children = icc.profile(joined)


def _jumbf(span: Span, number: int, fragments: list[tuple[int, Node]]) -> None:
    """Every fragment repeats the box's own length and type (8 bytes); only the first one's belong to the box."""
    first = fragments[0][1]
    if [n for n, _ in fragments] != list(range(fragments[0][0], fragments[0][0] + len(fragments))):
        first.add_problem("Pieces of this JUMBF box are missing or doubled.")
    if len(fragments) == 1:
        first.children = jumbf.boxes(span.inner(first.at + 12, first.end))
        return
    ranges = [(first.at + 12, first.end)] + [(n.at + 20, n.end) for _, n in fragments[1:]]
    joined = _joined(span, f"JUMBF box {number}, joined out of {len(fragments)} segments", ranges)
    first.children = jumbf.boxes(joined)


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
