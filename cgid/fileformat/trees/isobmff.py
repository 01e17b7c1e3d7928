"""The structure tree of HEIC, AVIF and MP4: nested boxes with their fields, and the items of a HEIF or AVIF file.

Items have names (infe) and locations (iloc), mostly within `mdat`. Sources: ISO/IEC 14496-12, 23008-12, AV1-ISOBMFF.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cgid.fileformat import icc, jumbf
from cgid.fileformat.node import Node, Span, close_gaps
from cgid.fileformat.tree import ContainerParser

BOXES = {
    "ftyp": ("File type and brands", "header"),
    "meta": ("Metadata: items and their properties", "header"),
    "hdlr": ("Content type", "header"),
    "pitm": ("Primary item", "header"),
    "iinf": ("List of items", "header"),
    "infe": ("Item", "header"),
    "iloc": ("Locations of items", "header"),
    "iref": ("References between items", "header"),
    "iprp": ("Properties of items", "header"),
    "ipco": ("Properties", "header"),
    "ipma": ("Associations of items and properties", "header"),
    "ispe": ("Size of an item", "header"),
    "pixi": ("Bits per channel", "header"),
    "colr": ("Colours", "colour"),
    "irot": ("Rotation", "header"),
    "imir": ("Mirroring", "header"),
    "clap": ("Clean aperture (crop)", "header"),
    "pasp": ("Pixel aspect ratio", "header"),
    "auxC": ("Type of auxiliary image", "header"),
    "hvcC": ("HEVC decoder settings", "tables"),
    "avcC": ("AVC decoder settings", "tables"),
    "av1C": ("AV1 decoder settings", "tables"),
    "thmb": ("Thumbnail of", "header"),
    "dimg": ("Derived from", "header"),
    "auxl": ("Auxiliary to", "header"),
    "cdsc": ("Describes", "header"),
    "idat": ("Data of small items", "picture"),
    "mdat": ("Data of images, videos and metadata", "picture"),
    "moov": ("Video", "header"),
    "trak": ("Track of a video", "header"),
    "free": ("Free space", "header"),
    "skip": ("Free space", "header"),
    "uuid": ("Box identified by a UUID", "unknown"),
    "mvhd": ("Video header", "header"),
    "jumb": ("JUMBF box", "credentials"),
    "dinf": ("Data locations", "header"),
    "stsd": ("Coding of the samples", "tables"),
    "stsz": ("Sizes of the samples", "tables"),
    "stco": ("Sample locations", "tables"),
    "co64": ("Sample locations", "tables"),
}


def add_fields(span: Span, kind: str, node: Node) -> None:
    """Add the fields of a box that contains no boxes. span: its body."""
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
            node.children = icc.parse_profile(span.inner(at + 4, span.end))
        elif way == b"nclx":
            node.add_field("primaries, transfer, matrix", ", ".join(str(span.number(at + k, 2)) for k in (4, 6, 8)))
    elif kind in ("thmb", "dimg", "auxl", "cdsc") and size >= 6:
        count = min(span.number(at + 2, 2), 16)
        to = [str(span.number(at + 4 + 2 * i, 2)) for i in range(count)]
        node.add_field("from item", span.number(at, 2))
        node.add_field("to items", ", ".join(to))


def _text(raw: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 else "." for b in raw.rstrip(b"\0"))


MAX_ITEMS = 4000
_ITEM_TYPES = {
    "hvc1": ("HEVC image or tile", "picture"),
    "av01": ("AV1 image", "picture"),
    "jpeg": ("JPEG image", "picture"),
    "grid": ("Grid of tiles", "header"),
    "iovl": ("Overlay", "header"),
    "tmap": ("Tone map", "header"),
    "Exif": ("Exif metadata", "metadata"),
    "mime": ("Metadata", "metadata"),
    "uri ": ("Data identified by a URI", "metadata"),
}


@dataclass
class Items:
    """names: {item: (type, text)}. locations: (item, offset in the file, length), only those stored in the file itself."""

    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    locations: list[tuple[int, int, int]] = field(default_factory=list)

    def add_name(self, span: Span, node: Node) -> None:
        """Add the name in an `infe` box. span: its body."""
        at, version = span.start, span.number(span.start, 1)
        if version < 2 or len(self.names) >= MAX_ITEMS:
            return
        wide = 4 if version >= 3 else 2
        item, kind = span.number(at + 4, wide), span.take(at + 4 + wide + 2, 4).decode("latin-1")
        rest = span.take(at + 10 + wide, 200).split(b"\0")
        text = " ".join(r.decode("utf-8", "replace") for r in rest[:2]).strip()
        self.names[item] = (kind, text)
        node.add_field("item", item)
        node.add_field("type", kind)
        if text:
            node.add_field("text", text)
        node.what = f"Item: {_ITEM_TYPES.get(kind, ('of unknown type', ''))[0]}"

    def add_locations(self, span: Span, node: Node) -> None:
        """Add the locations in the `iloc` box. span: its body."""
        at, version = span.start, span.number(span.start, 1)
        sizes = span.number(at + 4, 2)
        offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
        index_size = sizes & 15 if version in (1, 2) else 0
        wide = 4 if version >= 2 else 2
        count, at = span.number(at + 6, wide), at + 6 + wide
        node.add_field("items", count)
        for _ in range(min(count, MAX_ITEMS)):
            if at >= span.end or len(self.locations) >= MAX_ITEMS:
                break
            item, at = span.number(at, wide), at + wide
            method = 0
            if version in (1, 2):
                method, at = span.number(at, 2) & 15, at + 2
            at += 2
            base, at = span.number(at, base_size), at + base_size
            extents, at = span.number(at, 2), at + 2
            for _ in range(extents):
                if at >= span.end or len(self.locations) >= MAX_ITEMS:
                    break
                at += index_size
                offset, at = span.number(at, offset_size), at + offset_size
                length, at = span.number(at, length_size), at + length_size
                if method == 0 and length:
                    self.locations.append((item, base + offset, length))
                if not offset_size + length_size + index_size:
                    break


def item_nodes(span: Span, items: Items) -> list[Node]:
    """Nodes of the items that lie entirely within a span, with Exif parsed."""
    from cgid.fileformat.trees import tiff

    nodes: list[Node] = []
    origin = span.context.streams[0]
    for item, at, length in items.locations:
        if span.context.is_full or span.stream != 0 or at < span.start or at + length > min(span.end, len(origin.data)):
            continue
        kind, text = items.names.get(item, ("", ""))
        what, holds = _ITEM_TYPES.get(kind, ("Unknown item", "unknown"))
        node = span.node(f"item {item} {kind}".strip(), at, at + length, what, holds)
        if text:
            node.add_field("text", text)
        if kind == "Exif" and length > 8:
            inner = span.inner(at + 4 + span.number(at, 4), at + length)
            if inner.end > inner.start:
                node.children = close_gaps(tiff.parse_block(inner)[0], inner)
        nodes.append(node)
    return nodes


# Boxes that contain boxes, and the number of their own bytes before these.
_CONTAINER_BOXES = dict.fromkeys(
    ("moov", "trak", "mdia", "minf", "stbl", "dinf", "edts", "udta", "iprp", "ipco", "mvex", "moof"), 0
)
_CONTAINER_BOXES |= dict.fromkeys(("traf", "mfra", "grpl", "strk", "sinf", "schi", "tref"), 0)
_CONTAINER_BOXES |= {"meta": 4, "iref": 4, "dref": 8, "stsd": 8}
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_C2PA_KINDS = {b"manifest", b"original", b"update"}
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def _parse(span: Span) -> tuple[list[Node], int]:
    items = Items()
    nodes, end = _boxes(span, items)
    for node in nodes:
        if node.name == "mdat" and not span.context.is_full:
            inner = span.inner(node.at, node.end)
            node.children = close_gaps(item_nodes(inner, items), inner, gaps=False)
    return nodes, end


def _boxes(span: Span, items: Items, top: bool = True) -> tuple[list[Node], int]:
    nodes: list[Node] = []
    at = span.start
    while at + 8 <= span.end and not span.context.is_full:
        size, head = span.number(at, 4), 8
        raw = span.take(at + 4, 4)
        if size == 1:
            size, head = span.number(at + 8, 8), 16
        elif size == 0:
            size = span.end - at
        if top and nodes and not (size >= head and raw.replace(b" ", b"a").isalnum()):
            break  # not a box: it lies after the end of the container
        kind = "".join(chr(b) if 32 <= b < 127 else "." for b in raw)
        what, holds = BOXES.get(kind, ("Box", "header"))
        node = span.node(kind, at, at + max(size, head), what, holds)
        nodes.append(node)
        if size < head or at + size > span.end:
            node.add_problem(f"The box {kind} at byte {at:,} claims {size:,} bytes, which do not fit: it is truncated.")
            at = node.end
            break
        _inside(span.inner(at + head, at + size), kind, node, items)
        at += size
    if not top and at < span.end:
        nodes.append(span.node("rest", at, span.end, "Bytes after its last box", "unknown"))
        at = span.end
    return nodes, at


def _inside(span: Span, kind: str, node: Node, items: Items) -> None:
    start = span.start
    if kind in _CONTAINER_BOXES and not span.deep:
        skip = _CONTAINER_BOXES[kind]
        if kind == "meta" and span.take(start + 4, 4) == b"hdlr":
            skip = 0  # QuickTime writes it without version and flags
        node.children = _boxes(span.inner(start + skip, span.end), items, top=False)[0]
    elif kind == "iinf" and not span.deep:
        version = span.number(start, 1)
        node.add_field("items", span.number(start + 4, 4 if version else 2))
        node.children = _boxes(span.inner(start + (8 if version else 6), span.end), items, top=False)[0]
    elif kind == "uuid":
        _uuid(span, node)
    elif kind == "infe":
        items.add_name(span, node)
    elif kind == "iloc":
        items.add_locations(span, node)
    else:
        add_fields(span, kind, node)


def _uuid(span: Span, node: Node) -> None:
    uuid = span.take(span.start, 16)
    node.add_field("uuid", uuid.hex())
    if uuid == _XMP_UUID:
        node.what, node.kind = "XMP metadata", "metadata"
    elif uuid == C2PA_UUID:
        node.what, node.kind = "Content credentials (C2PA)", "credentials"
        body = span.start + 20
        purpose = span.take(body, 40).split(b"\0")[0]
        node.add_field("purpose", purpose.decode("latin-1"))
        if purpose in _C2PA_KINDS:
            inner = span.inner(body + len(purpose) + 1 + 8, span.end)
            node.children = jumbf.parse_boxes(inner)


def _starts(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


PARSER = ContainerParser("isobmff", "HEIF, AVIF or MP4 file", _starts, _parse)
