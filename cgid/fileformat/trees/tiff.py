"""The structure tree of TIFF and Exif: directories (IFD), their tags and the locations of values (TIFF 6.0; Exif 2.32;
BigTIFF).
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ExifTags

from cgid.fileformat import icc, jumbf, photoshop
from cgid.fileformat.node import Node, Span
from cgid.fileformat.tree import ContainerParser, embedded_file

# TIFF type -> (bytes each, name); 13 and 16 to 18 are those of BigTIFF and of sub-directories.
_TYPES = {
    1: (1, "byte"),
    2: (1, "ASCII"),
    3: (2, "short"),
    4: (4, "long"),
    5: (8, "rational"),
    6: (1, "signed byte"),
    7: (1, "undefined"),
    8: (2, "signed short"),
    9: (4, "signed long"),
    10: (8, "signed rational"),
    11: (4, "float"),
    12: (8, "double"),
    13: (4, "IFD"),
    16: (8, "long8"),
    17: (8, "signed long8"),
    18: (8, "IFD8"),
}
MAX_SHOWN_NUMBERS = 8  # numbers shown of a value


@dataclass(frozen=True, slots=True)
class Entry:
    """at, size: location of the value's bytes. kind: name of the type. outside: whether the value is stored outside the
    entry.
    """

    tag: int
    type: int
    kind: str
    count: int
    at: int
    size: int
    outside: bool


def parse_entry(span: Span, start: int, order: str, big: bool) -> Entry:
    """The tag whose 12 (BigTIFF: 20) bytes begin at `start`; locations are not validated."""
    word = 8 if big else 4
    tag, type_ = span.number(start, 2, order), span.number(start + 2, 2, order)
    count = span.number(start + 4, word, order)
    each, kind = _TYPES.get(type_, (1, f"type {type_}"))
    size, inside = each * count, start + 4 + word
    outside = size > word
    at = span.start + span.number(inside, word, order) if outside else inside
    return Entry(tag, type_, kind, count, at, size, outside)


def read_integers(span: Span, value: Entry, order: str, max_count: int) -> list[int]:
    """The first `max_count` unsigned integers of a value; empty for other types or if it lies outside the span."""
    each = _TYPES.get(value.type, (0, ""))[0]
    if value.type not in (1, 3, 4, 13, 16, 18) or value.at + value.size > span.end:
        return []
    return [span.number(value.at + each * i, each, order) for i in range(min(value.count, max_count))]


def format_value(span: Span, value: Entry, order: str) -> str:
    """A value as text: strings, numbers, fractions; hexadecimal for undefined bytes. Truncated."""
    if value.type == 2:
        return span.take(value.at, min(value.size, 400)).decode("utf-8", "replace").strip("\0 ")
    if value.type in (5, 10):
        signed = value.type == 10
        parts = []
        for i in range(min(value.count, MAX_SHOWN_NUMBERS)):
            pair = (span.take(value.at + 8 * i + k, 4) for k in (0, 4))
            top, bottom = (int.from_bytes(p, order, signed=signed) for p in pair)  # type: ignore[arg-type]
            parts.append(f"{top}/{bottom}")
    elif value.type in (11, 12):
        import struct

        letter, each = ("<" if order == "little" else ">") + ("f" if value.type == 11 else "d"), 4 * (value.type - 10)
        raws = (span.take(value.at + each * i, each) for i in range(min(value.count, MAX_SHOWN_NUMBERS)))
        parts = [f"{struct.unpack(letter, r)[0]:g}" for r in raws if len(r) == each]
    elif value.type == 7 or value.type not in _TYPES:
        raw = span.take(value.at, min(value.size, 16))
        return raw.decode() if raw.isalnum() else raw.hex(" ") + (" …" if value.size > 16 else "")
    else:
        each, signed = _TYPES[value.type][0], value.type in (6, 8, 9, 17)
        raws = (span.take(value.at + each * i, each) for i in range(min(value.count, MAX_SHOWN_NUMBERS)))
        parts = [str(int.from_bytes(r, order, signed=signed)) for r in raws]  # type: ignore[arg-type]
    return ", ".join(parts) + (" …" if value.count > MAX_SHOWN_NUMBERS else "")


C2PA_TAG = 0xCD41
MAX_ENTRIES = 2000  # tags per directory
MAX_DIRECTORIES = 200
MAX_STRIPS = 4000
_POINTERS = {0x8769: "Exif IFD", 0x8825: "GPS IFD", 0xA005: "Interoperability IFD", 0x014A: "Sub-IFD"}
_DATA = ((0x0111, 0x0117, "strip"), (0x0144, 0x0145, "tile"))
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def parse_block(span: Span) -> tuple[list[Node], int]:
    """Directories, values, thumbnails and strips of a span whose first byte is the TIFF header's; offset of its end."""
    start, magic = span.start, span.take(span.start, 4)
    if magic not in _MAGIC:
        node = span.node("TIFF header", start, min(start + 8, span.end), "Invalid TIFF header", "unknown")
        node.add_problem("The Exif or TIFF block does not begin with II or MM.")
        return [node], node.end
    order, big = "little" if magic[:1] == b"I" else "big", b"+" in magic
    header = span.node("TIFF header", start, start + (16 if big else 8), "Byte order and first directory", "header")
    header.add_field("byte order", f"{magic[:2].decode()} ({order}-endian)")
    nodes, ends = [header], [header.end]
    first = span.number(start + (8 if big else 4), 8 if big else 4, order)
    pending, pages = [(first, "IFD0")], 0
    seen: set[int] = set()
    while pending and len(seen) < MAX_DIRECTORIES and not span.context.is_full:
        offset, name = pending.pop(0)
        if offset == 0:
            continue
        if offset in seen:
            header.add_problem(f"{name} points to a directory that has already been read.")
            continue
        seen.add(offset)
        at = start + offset
        if at + 2 > span.end:
            header.add_problem(f"{name} points to byte {offset:,}, which lies outside the block.")
            continue
        node, values, onward = _directory(span, at, name, order, big)
        nodes += [node, *values]
        pending = [(o, _POINTERS[tag]) for tag, o in onward if tag] + pending
        for tag, following in onward:
            if not tag and following:
                pages += 1
                pending.append((following, f"IFD{pages}"))
    ends += [n.end for n in nodes]
    return nodes, max(ends)


def _directory(span: Span, at: int, name: str, order: str, big: bool) -> tuple[Node, list[Node], list[tuple[int, int]]]:
    """(the directory with its tags, nodes its tags point to, (tag of the pointer or 0 for the next directory, offset))."""
    width, word, step = (8, 8, 20) if big else (2, 4, 12)
    count = span.number(at, width, order)
    end = at + width + step * count + word
    node = span.node(name, at, end, f"Directory of {count:,} tags", "metadata")
    value_nodes: list[Node] = []
    onward: list[tuple[int, int]] = []
    tag_numbers: dict[int, list[int]] = {}
    names = ExifTags.GPSTAGS if name.startswith("GPS") else ExifTags.TAGS
    for i in range(min(count, MAX_ENTRIES)):
        entry_at = at + width + step * i
        if entry_at + step > span.end:
            node.add_problem(f"{name} declares {count:,} tags, more than fit.")
            break
        if span.context.is_full:
            break
        row = parse_entry(span, entry_at, order, big)
        tag = span.node(str(names.get(row.tag, f"tag {row.tag:#06x}")), entry_at, entry_at + step, "Tag", "metadata")
        tag.add_field("tag", f"{row.tag:#06x}")
        tag.add_field("type", f"{row.count:,} x {row.kind}")
        node.children.append(tag)
        if row.at + row.size > span.end:
            tag.add_problem(f"The value of {tag.name} lies outside the block.")
            continue
        if described := format_value(span, row, order):
            tag.add_field("value", described)
        if row.tag in _POINTERS:
            onward += [(row.tag, o) for o in read_integers(span, row, order, 32)]
        elif row.tag in (0x0111, 0x0117, 0x0144, 0x0145, 0x0201, 0x0202):
            tag_numbers[row.tag] = read_integers(span, row, order, MAX_STRIPS)
        if row.outside and row.size:
            value_nodes.append(_value(span, row, tag.name))
    if count <= MAX_ENTRIES and end <= span.end:
        onward.append((0, span.number(end - word, word, order)))
    value_nodes += _pictures(span, tag_numbers, node)
    return node, value_nodes, onward


def _value(span: Span, entry: Entry, name: str) -> Node:
    node = span.node(f"{name} value", entry.at, entry.at + entry.size, f"Value of the tag {name}", "metadata")
    inner = span.inner(node.at, node.end)
    if entry.tag == 34675:
        node.kind, node.what, node.children = "colour", "Colour profile", icc.parse_profile(inner)
    elif entry.tag == 34377:
        node.what, node.children = "Photoshop resources", photoshop.parse_resources(inner)
    elif entry.tag == 33723:
        node.what, node.children = "IPTC record", photoshop.parse_iptc(inner)
    elif entry.tag == C2PA_TAG:
        node.what, node.kind, node.children = (
            "Content credentials (C2PA) in JUMBF",
            "credentials",
            jumbf.parse_boxes(inner),
        )
    elif entry.tag == 700:
        node.what = "XMP metadata"
    elif entry.tag == 0x927C:
        node.what = "Maker notes"
        node.add_field("begins with", "".join(chr(b) if 32 <= b < 127 else "." for b in span.take(node.at, 12)))
    return node


def _pictures(span: Span, numbers: dict[int, list[int]], node: Node) -> list[Node]:
    """Nodes of the thumbnail and the strips or tiles of a directory; adjacent ones are merged."""
    nodes: list[Node] = []
    offset, length = ((numbers.get(tag) or [0])[0] for tag in (0x0201, 0x0202))
    if offset and length:
        at = span.start + offset
        if at + length > span.end:
            node.add_problem("The declared thumbnail lies outside the block.")
        else:
            nodes.append(embedded_file(span, at, at + length, "thumbnail", "Thumbnail"))
    for offset_tag, size_tag, what in _DATA:
        runs: list[list[int]] = []
        for offset, size in zip(numbers.get(offset_tag, []), numbers.get(size_tag, [])):
            at = span.start + offset
            if not size or at + size > span.end:
                node.add_problem(f"A {what} of image data lies outside the file.")
            elif runs and runs[-1][1] == at:
                runs[-1] = [runs[-1][0], at + size, runs[-1][2] + 1]
            else:
                runs.append([at, at + size, 1])
        for at, end, count in runs:
            if span.context.is_full:
                break
            plural = f"{count:,} {what}s" if count > 1 else what
            nodes.append(span.node(plural, at, end, "Image data", "picture"))
    return nodes


PARSER = ContainerParser("tiff", "TIFF image", lambda head: head[:4] in _MAGIC, parse_block)
