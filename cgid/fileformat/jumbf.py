"""JUMBF boxes, which carry C2PA credentials: labelled superboxes and their content.

Sources: ISO 19566-5 (box and description box), C2PA Technical Specification, chapter "Use of JUMBF" (UUIDs of the
store, manifests, assertions, claim and signature).
"""

from __future__ import annotations

from cgid.fileformat.node import Node, Span
from cgid.fileformat.tree import embedded_file, parser_for

_TYPES = {
    b"c2pa": "C2PA manifest store",
    b"c2ma": "C2PA manifest",
    b"c2um": "C2PA update manifest",
    b"c2cm": "C2PA compressed manifest",
    b"c2as": "Assertion store",
    b"c2cl": "Claim",
    b"c2cs": "Signature of the claim",
    b"c2vc": "Verifiable credentials",
    b"c2db": "Data boxes",
    b"cbor": "Assertion in CBOR",
    b"json": "Assertion in JSON",
    b"\x40\xcb\x0c\x32": "Embedded file",
    b"uuid": "UUID box",
}
_LEAVES = {
    "cbor": "CBOR data",
    "json": "JSON text",
    "bfdb": "Type of the embedded file",
    "bidb": "Content of the embedded file",
    "c2sh": "Salt",
    "brob": "Compressed box (Brotli)",
    "free": "Free space",
    "uuid": "Data identified by a UUID",
    "jp2c": "JPEG 2000 codestream",
}


def parse_boxes(span: Span) -> list[Node]:
    """The boxes of a span, each with its content."""
    nodes: list[Node] = []
    at = span.start
    while at < span.end and not span.context.is_full:
        size, kind, head = span.number(at, 4), span.take(at + 4, 4).decode("latin-1"), 8
        if size == 1:
            size, head = span.number(at + 8, 8), 16
        elif size == 0:
            size = span.end - at
        if size < head or at + size > span.end:
            node = span.node("broken box", at, span.end, "Invalid JUMBF box", "unknown")
            node.add_problem(f"A JUMBF box at byte {at:,} claims {size:,} bytes, which do not fit.")
            return [*nodes, node]
        node = span.node(_printable(kind), at, at + size, _LEAVES.get(kind, "Box"), "credentials")
        if kind == "jumb" and not span.deep:
            _superbox(span.inner(at + head, at + size), node)
        elif kind == "json":
            node.add_field("text", span.take(at + head, min(size - head, 800)).decode("utf-8", "replace"))
        elif kind == "bidb" and parser_for(span.take(at + head, 64)):
            node.children = [
                embedded_file(span, at + head, at + size, "thumbnail", "Thumbnail stored with the credentials")
            ]
        elif kind == "bfdb":
            node.add_field(
                "type", span.take(at + head + 1, min(size - head - 1, 120)).decode("utf-8", "replace").strip("\0")
            )
        nodes.append(node)
        at += size
    return nodes


def count_manifests(nodes: list[Node]) -> int:
    """Number of C2PA manifests among these boxes and their descendants."""
    named = {_TYPES[b"c2ma"], _TYPES[b"c2um"], _TYPES[b"c2cm"]}
    pending, count = list(nodes), 0
    while pending:
        node = pending.pop()
        count += node.what in named
        pending += node.children
    return count


def _superbox(span: Span, node: Node) -> None:
    node.what = "Superbox"
    node.children = parse_boxes(span)
    first = node.children[0] if node.children else None
    if first is None or first.name != "jumd" or first.length < 25:
        node.add_problem("This JUMBF superbox does not begin with a description box.")
        return
    body = first.at + 8
    uuid, toggles = span.take(body, 16), span.number(body + 16, 1)
    first.what = "Description: type and label"
    node.what = _TYPES.get(uuid[:4], "Superbox")
    node.add_field("type", uuid[:4].decode("latin-1") if uuid[:4].isalnum() else uuid.hex())
    if toggles & 2:
        raw = span.take(body + 17, min(first.end - body - 17, 300)).split(b"\0")[0]
        label = raw.decode("utf-8", "replace")
        node.name = f"jumb {label}"[:120]
        first.add_field("label", label)


def _printable(kind: str) -> str:
    return "".join(c if c.isprintable() else "." for c in kind)
