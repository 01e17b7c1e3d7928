"""Photoshop image resources and the IPTC record among them, as nodes and as texts by field name.

Sources: Adobe Photoshop File Formats Specification; IPTC-NAA Information Interchange Model 4.2, chapter 5 (application
record): marker 0x1C, record, data set, length. Reading stops at a broken record.
"""

from __future__ import annotations

from cgid.fileformat.node import Node, Span, close_gaps
from cgid.fileformat.tree import embedded_file

FIELDS = {
    (2, 5): "ObjectName",
    (2, 40): "SpecialInstructions",
    (2, 65): "OriginatingProgram",
    (2, 80): "By-line",
    (2, 110): "Credit",
    (2, 115): "Source",
    (2, 116): "CopyrightNotice",
    (2, 120): "Caption",
}
MAX_FIELDS = 500


def iptc_texts(raw: bytes) -> list[tuple[str, str]]:
    """(field name, text) in order; unknown fields are named `record:data set`. Never raises."""
    fields: list[tuple[str, str]] = []
    at, utf8 = 0, False
    while at + 5 <= len(raw) and raw[at] == 0x1C and len(fields) < MAX_FIELDS:
        data_set, size = (raw[at + 1], raw[at + 2]), int.from_bytes(raw[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:
            # Extended length: the field gives the number of bytes that hold it.
            width = size & 0x7FFF
            if width > 4:
                break
            size, at = int.from_bytes(raw[at : at + width], "big"), at + width
        body = raw[at : at + size]
        at += size
        if data_set == (1, 90):
            utf8 = body == b"\x1b%G"
        elif data_set[0] == 2 and data_set[1] != 0:
            name = FIELDS.get(data_set, f"{data_set[0]}:{data_set[1]}")
            fields.append((name, _decode(body, utf8)))
    return fields


def _decode(body: bytes, utf8: bool) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace") if utf8 else body.decode("latin-1")
    return text.strip("\0 \r\n\t")


_NAMES = {
    0x03ED: "Resolution",
    0x03F3: "Print flags",
    0x03FD: "Border",
    0x0400: "Layer state",
    0x0404: "IPTC record",
    0x0406: "Quality chosen in Photoshop",
    0x0408: "Grid and guides",
    0x0409: "Thumbnail (Photoshop 4)",
    0x040A: "Copyright flag",
    0x040B: "URL",
    0x040C: "Thumbnail",
    0x040D: "Global light angle",
    0x040F: "Colour profile",
    0x0411: "Untagged colours",
    0x0414: "Next layer number",
    0x0419: "Global light altitude",
    0x041A: "Slices",
    0x041E: "URL list",
    0x0421: "Version",
    0x0422: "Exif",
    0x0424: "XMP",
    0x0425: "Digest of the IPTC record",
    0x0426: "Print scale",
    0x0428: "Pixel aspect ratio",
    0x043A: "Print information",
    0x043B: "Print style",
    0x2710: "Print flags",
}
_THUMBNAIL_HEADER = 28


def parse_resources(span: Span) -> list[Node]:
    """The resources (8BIM) of a span, with IPTC fields and thumbnail parsed."""
    nodes: list[Node] = []
    at = span.start
    while at + 12 <= span.end and span.take(at, 4) in (b"8BIM", b"8B64", b"MeSa", b"AgHg", b"PHUT", b"DCSR"):
        if span.context.is_full:
            break
        number, name = span.number(at + 4, 2), span.number(at + 6, 1)
        body = at + 6 + (name + 2) // 2 * 2 + 4
        size = span.number(body - 4, 4)
        if body + size > span.end:
            node = span.node(f"8BIM {number:04X}", at, span.end, "Photoshop resource", "metadata")
            node.add_problem(f"Photoshop resource {number:04X} claims {size:,} bytes, which do not fit.")
            return close_gaps([*nodes, node], span)
        end = min(body + size + size % 2, span.end)
        node = span.node(f"8BIM {number:04X}", at, end, _NAMES.get(number, "Photoshop resource"), "metadata")
        inner = span.inner(body, body + size)
        if number == 0x0404:
            node.children = parse_iptc(inner)
        elif number in (0x0409, 0x040C) and size > _THUMBNAIL_HEADER:
            node.kind = "preview"
            node.add_field("size", f"{span.number(body + 4, 4)} x {span.number(body + 8, 4)} px")
            node.children = [embedded_file(inner, body + _THUMBNAIL_HEADER, body + size, "thumbnail", "Thumbnail")]
        elif number == 0x0406 and size >= 2:
            quality = int.from_bytes(span.take(body, 2), "big", signed=True)
            node.add_field("quality", f"{quality + 4} of 12")
        elif number == 0x0425:
            node.add_field("MD5", span.take(body, 16).hex())
        nodes.append(node)
        at = end
    return close_gaps(nodes, span)


def parse_iptc(span: Span) -> list[Node]:
    """The fields of an IPTC record."""
    nodes: list[Node] = []
    at = span.start
    while at + 5 <= span.end and span.number(at, 1) == 0x1C and not span.context.is_full:
        data_set, size, body = (span.number(at + 1, 1), span.number(at + 2, 1)), span.number(at + 3, 2), at + 5
        if size & 0x8000:
            width = min(size & 0x7FFF, 8)
            size, body = span.number(body, width), body + width
        node = span.node(
            f"{data_set[0]}:{data_set[1]}", at, body + size, FIELDS.get(data_set, "IPTC field"), "metadata"
        )
        node.add_field("text", span.take(body, min(size, 400)).decode("utf-8", "replace"))
        if body + size > span.end:
            node.add_problem("An IPTC field is longer than its record.")
        nodes.append(node)
        at = max(node.end, at + 1)
    return close_gaps(nodes, span)
