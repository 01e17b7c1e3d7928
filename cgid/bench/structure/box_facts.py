"""What the boxes of HEIF, AVIF and MP4 are, and the fields that small ones state (ISO/IEC 14496-12, 23008-12, AV1-ISOBMFF)."""

from __future__ import annotations

from cgid.bench.structure import icc
from cgid.bench.structure.node import Node, Span

WHAT = {
    "ftyp": ("File type and brands", "header"),
    "meta": ("Metadata: items and their properties", "header"),
    "hdlr": ("Kind of content", "header"),
    "pitm": ("Which item is the picture", "header"),
    "iinf": ("List of items", "header"),
    "infe": ("An item", "header"),
    "iloc": ("Where the items lie", "header"),
    "iref": ("References between items", "header"),
    "iprp": ("Properties of items", "header"),
    "ipco": ("The properties", "header"),
    "ipma": ("Which item has which property", "header"),
    "ispe": ("Size of an item", "header"),
    "pixi": ("Bits per channel", "header"),
    "colr": ("Colours", "colour"),
    "irot": ("Rotation", "header"),
    "imir": ("Mirroring", "header"),
    "clap": ("Clean aperture (crop)", "header"),
    "pasp": ("Pixel aspect ratio", "header"),
    "auxC": ("Kind of auxiliary picture", "header"),
    "hvcC": ("HEVC decoder settings", "tables"),
    "avcC": ("AVC decoder settings", "tables"),
    "av1C": ("AV1 decoder settings", "tables"),
    "thmb": ("Is the thumbnail of", "header"),
    "dimg": ("Is made out of", "header"),
    "auxl": ("Is auxiliary to", "header"),
    "cdsc": ("Describes", "header"),
    "idat": ("Data of small items", "picture"),
    "mdat": ("Data of pictures, films and metadata", "picture"),
    "moov": ("Film", "header"),
    "trak": ("Track of a film", "header"),
    "free": ("Free space", "header"),
    "skip": ("Free space", "header"),
    "uuid": ("Box told by its UUID", "unknown"),
    "mvhd": ("Film header", "header"),
    "jumb": ("JUMBF box", "credentials"),
    "dinf": ("Where the data lie", "header"),
    "stsd": ("Coding of the samples", "tables"),
    "stsz": ("Sizes of the samples", "tables"),
    "stco": ("Where the samples lie", "tables"),
    "co64": ("Where the samples lie", "tables"),
}


def add_fields(span: Span, kind: str, node: Node) -> None:
    """The fields of one box without boxes in it. span: its body."""
    at, size = span.start, span.end - span.start
    if kind == "ftyp":
        node.add_field("brand", _text(span.take(at, 4)))
        brands = [_text(span.take(at + k, 4)) for k in range(8, min(size, 136), 4)]
        node.add_field("compatible", " ".join(brands))
    elif kind == "ispe" and size >= 12:
        node.add_field("size", f"{span.number(at + 4, 4)} x {span.number(at + 8, 4)} px")
    elif kind == "pitm":
        node.add_field("item", span.number(at + 4, 4 if span.number(at, 1) else 2))
    elif kind == "hdlr" and size >= 12:
        node.add_field("handler", _text(span.take(at + 8, 4)))
    elif kind == "irot":
        node.add_field("rotation", f"{90 * (span.number(at, 1) & 3)}° anticlockwise")
    elif kind == "pixi" and size >= 5:
        node.add_field("bits", ", ".join(map(str, span.take(at + 5, min(span.number(at + 4, 1), 8)))))
    elif kind == "auxC":
        node.add_field("type", _text(span.take(at + 4, min(size, 120))))
    elif kind == "av1C" and size >= 3:
        node.add_field("profile", span.number(at + 1, 1) >> 5)
    elif kind == "colr" and size >= 4:
        way = span.take(at, 4)
        node.add_field("given as", _text(way))
        if way in (b"prof", b"rICC"):
            node.children = icc.profile(span.inner(at + 4, span.end))
        elif way == b"nclx":
            node.add_field("primaries, transfer, matrix", ", ".join(str(span.number(at + k, 2)) for k in (4, 6, 8)))
    elif kind in ("thmb", "dimg", "auxl", "cdsc") and size >= 6:
        count = min(span.number(at + 2, 2), 16)
        to = [str(span.number(at + 4 + 2 * i, 2)) for i in range(count)]
        node.add_field("from item", span.number(at, 2))
        node.add_field("to items", ", ".join(to))


def _text(raw: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 else "." for b in raw.rstrip(b"\0"))
