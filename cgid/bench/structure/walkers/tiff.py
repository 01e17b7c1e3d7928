"""The tree of TIFF and Exif: directories (IFD), their tags, and where the values lie (TIFF 6.0; Exif 2.32; BigTIFF)."""

from __future__ import annotations

from PIL import ExifTags

from cgid.bench.structure import icc, jumbf, photoshop, tiff_values
from cgid.bench.structure.node import Node, Span
from cgid.bench.structure.walker import ContainerParser, embedded

C2PA_TAG = 0xCD41
MAX_ENTRIES = 2000  # tags a directory
MAX_DIRECTORIES = 200
MAX_STRIPS = 4000
_POINTERS = {0x8769: "Exif IFD", 0x8825: "GPS IFD", 0xA005: "Interoperability IFD", 0x014A: "Sub-IFD"}
_DATA = ((0x0111, 0x0117, "strip"), (0x0144, 0x0145, "tile"))
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def block(span: Span) -> tuple[list[Node], int]:
    """Directories, values, thumbnails and strips of a span whose first byte is the TIFF header's; offset of its end."""
    start, magic = span.start, span.take(span.start, 4)
    if magic not in _MAGIC:
        node = span.node("TIFF header", start, min(start + 8, span.end), "What should be a TIFF header", "unknown")
        node.add_problem("The Exif or TIFF block does not begin with II or MM.")
        return [node], node.end
    order, big = "little" if magic[:1] == b"I" else "big", b"+" in magic
    header = span.node("TIFF header", start, start + (16 if big else 8), "Byte order and first directory", "header")
    header.add_field("byte order", f"{magic[:2].decode()} ({order}-endian)")
    nodes, ends = [header], [header.end]
    first = span.number(start + (8 if big else 4), 8 if big else 4, order)
    pending, seen, pages = [(first, "IFD0")], set(), 0
    while pending and len(seen) < MAX_DIRECTORIES and not span.context.is_full:
        offset, name = pending.pop(0)
        if offset == 0:
            continue
        if offset in seen:
            header.add_problem(f"{name} points to a directory that was read already.")
            continue
        seen.add(offset)
        at = start + offset
        if at + 2 > span.end:
            header.add_problem(f"{name} should begin at byte {offset:,}, which lies outside.")
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
    """(the directory with its tags, parts its tags point to, (pointer's tag or 0 for the next one, offset))."""
    width, word, step = (8, 8, 20) if big else (2, 4, 12)
    count = span.number(at, width, order)
    end = at + width + step * count + word
    node = span.node(name, at, end, f"Directory of {count:,} tags", "metadata")
    value_nodes: list[Node] = []
    onward: list[tuple[int, int]] = []
    numbers: dict[int, list[int]] = {}
    names = ExifTags.GPSTAGS if name.startswith("GPS") else ExifTags.TAGS
    for i in range(min(count, MAX_ENTRIES)):
        entry_at = at + width + step * i
        if entry_at + step > span.end:
            node.add_problem(f"{name} names {count:,} tags, more than fit.")
            break
        if span.context.is_full:
            break
        entry = tiff_values.entry(span, entry_at, order, big)
        tag = span.node(
            str(names.get(entry.tag, f"tag {entry.tag:#06x}")), entry_at, entry_at + step, "Tag", "metadata"
        )
        tag.add_field("tag", f"{entry.tag:#06x}")
        tag.add_field("type", f"{entry.count:,} x {entry.kind}")
        node.children.append(tag)
        if entry.at + entry.size > span.end:
            tag.add_problem(f"The value of {tag.name} lies outside the block.")
            continue
        if shown := tiff_values.shown(span, entry, order):
            tag.add_field("value", shown)
        if entry.tag in _POINTERS:
            onward += [(entry.tag, o) for o in tiff_values.numbers(span, entry, order, 32)]
        elif entry.tag in (0x0111, 0x0117, 0x0144, 0x0145, 0x0201, 0x0202):
            numbers[entry.tag] = tiff_values.numbers(span, entry, order, MAX_STRIPS)
        if entry.outside and entry.size:
            value_nodes.append(_value(span, entry, tag.name))
    if count <= MAX_ENTRIES and end <= span.end:
        onward.append((0, span.number(end - word, word, order)))
    value_nodes += _pictures(span, numbers, node)
    return node, value_nodes, onward


def _value(span: Span, entry: tiff_values.Entry, name: str) -> Node:
    node = span.node(f"{name} value", entry.at, entry.at + entry.size, f"What the tag {name} points to", "metadata")
    inner = span.inner(node.at, node.end)
    if entry.tag == 34675:
        node.kind, node.what, node.children = "colour", "Colour profile", icc.profile(inner)
    elif entry.tag == 34377:
        node.what, node.children = "Photoshop resources", photoshop.resources(inner)
    elif entry.tag == 33723:
        node.what, node.children = "IPTC record", photoshop.iptc(inner)
    elif entry.tag == C2PA_TAG:
        node.what, node.kind, node.children = "Content credentials (C2PA) in JUMBF", "credentials", jumbf.boxes(inner)
    elif entry.tag == 700:
        node.what = "XMP metadata"
    elif entry.tag == 0x927C:
        node.what = "The maker's own notes"
        node.add_field("begins with", "".join(chr(b) if 32 <= b < 127 else "." for b in span.take(node.at, 12)))
    return node


def _pictures(span: Span, numbers: dict[int, list[int]], node: Node) -> list[Node]:
    """The thumbnail and the strips or tiles of a directory; neighbours that touch are one part."""
    nodes: list[Node] = []
    offset, length = ((numbers.get(tag) or [0])[0] for tag in (0x0201, 0x0202))
    if offset and length:
        at = span.start + offset
        if at + length > span.end:
            node.add_problem("The thumbnail it names lies outside the block.")
        else:
            nodes.append(embedded(span, at, at + length, "thumbnail", "Thumbnail picture"))
    for offset_tag, size_tag, what in _DATA:
        runs: list[list[int]] = []
        for offset, size in zip(numbers.get(offset_tag, []), numbers.get(size_tag, [])):
            at = span.start + offset
            if not size or at + size > span.end:
                node.add_problem(f"A {what} of picture data lies outside the file.")
            elif runs and runs[-1][1] == at:
                runs[-1] = [runs[-1][0], at + size, runs[-1][2] + 1]
            else:
                runs.append([at, at + size, 1])
        for at, end, count in runs:
            if span.context.is_full:
                break
            plural = f"{count:,} {what}s" if count > 1 else what
            nodes.append(span.node(plural, at, end, "Picture data", "picture"))
    return nodes


PARSER = ContainerParser("tiff", "TIFF picture", lambda head: head[:4] in _MAGIC, block)
