"""The items of a HEIF or AVIF file: their names (infe), where they lie (iloc), and the parts of `mdat` they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from cgid.bench.structure.node import Node, Span, close_gaps

MAX_ITEMS = 4000
_WHAT = {
    "hvc1": ("HEVC picture or tile", "picture"),
    "av01": ("AV1 picture", "picture"),
    "jpeg": ("JPEG picture", "picture"),
    "grid": ("Grid that puts tiles together", "header"),
    "iovl": ("Overlay", "header"),
    "tmap": ("Tone map", "header"),
    "Exif": ("Exif metadata", "metadata"),
    "mime": ("Metadata", "metadata"),
    "uri ": ("Data told by a URI", "metadata"),
}


@dataclass
class Items:
    """names: {item: (type, text)}. locations: (item, offset in the file, length); only those that lie in the file."""

    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    locations: list[tuple[int, int, int]] = field(default_factory=list)

    def add_name(self, span: Span, node: Node) -> None:
        """Of one `infe` box. span: its body."""
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
        node.what = f"An item: {_WHAT.get(kind, ('of no known kind', ''))[0]}"

    def add_locations(self, span: Span, node: Node) -> None:
        """Of the `iloc` box. span: its body."""
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
    """The items that lie wholly in a span, Exif taken apart."""
    from cgid.bench.structure.walkers import tiff

    nodes: list[Node] = []
    origin = span.context.streams[0]
    for item, at, length in items.locations:
        if span.context.is_full or span.stream != 0 or at < span.start or at + length > min(span.end, len(origin.data)):
            continue
        kind, text = items.names.get(item, ("", ""))
        what, holds = _WHAT.get(kind, ("Item of no known kind", "unknown"))
        node = span.node(f"item {item} {kind}".strip(), at, at + length, what, holds)
        if text:
            node.add_field("text", text)
        if kind == "Exif" and length > 8:
            inner = span.inner(at + 4 + span.number(at, 4), at + length)
            if inner.end > inner.start:
                node.children = close_gaps(tiff.block(inner)[0], inner)
        nodes.append(node)
    return nodes
