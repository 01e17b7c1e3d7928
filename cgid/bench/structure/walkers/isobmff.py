"""The tree of HEIC, AVIF and MP4: boxes within boxes, and which item lies where (ISO/IEC 14496-12, 23008-12)."""

from __future__ import annotations

from cgid.bench.structure import box_facts, jumbf
from cgid.bench.structure.items import Items, item_nodes
from cgid.bench.structure.node import Node, Span, close_gaps
from cgid.bench.structure.walker import ContainerParser

# Boxes that hold boxes, and how many bytes of their own come first.
_HOLDS = dict.fromkeys(
    ("moov", "trak", "mdia", "minf", "stbl", "dinf", "edts", "udta", "iprp", "ipco", "mvex", "moof"), 0
)
_HOLDS |= dict.fromkeys(("traf", "mfra", "grpl", "strk", "sinf", "schi", "tref"), 0)
_HOLDS |= {"meta": 4, "iref": 4, "dref": 8, "stsd": 8}
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
            break  # what follows the last box is no box: it lies after the end
        kind = "".join(chr(b) if 32 <= b < 127 else "." for b in raw)
        what, holds = box_facts.WHAT.get(kind, ("Box", "header"))
        node = span.node(kind, at, at + max(size, head), what, holds)
        nodes.append(node)
        if size < head or at + size > span.end:
            node.add_problem(f"The box {kind} at byte {at:,} claims {size:,} bytes, which do not fit: it is cut short.")
            at = node.end
            break
        _inside(span.inner(at + head, at + size), kind, node, items)
        at += size
    if not top and at < span.end:
        nodes.append(span.node("rest", at, span.end, "Bytes after the last box in it", "unknown"))
        at = span.end
    return nodes, at


def _inside(span: Span, kind: str, node: Node, items: Items) -> None:
    start = span.start
    if kind in _HOLDS and not span.deep:
        skip = _HOLDS[kind]
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
        box_facts.add_fields(span, kind, node)


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
            node.children = jumbf.boxes(inner)


def _starts(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


PARSER = ContainerParser("isobmff", "HEIF, AVIF or MP4 file", _starts, _parse)
