"""The parts of an ICC colour profile: header, table of tags, data of each tag (ICC.1:2022, chapter 7)."""

from __future__ import annotations

from cgid.fileformat.node import Node, Span, close_gaps

_TAGS = {
    "desc": "Description",
    "cprt": "Copyright",
    "wtpt": "White point",
    "bkpt": "Black point",
    "rXYZ": "Red primary",
    "gXYZ": "Green primary",
    "bXYZ": "Blue primary",
    "rTRC": "Red tone curve",
    "gTRC": "Green tone curve",
    "bTRC": "Blue tone curve",
    "kTRC": "Grey tone curve",
    "chad": "Chromatic adaptation",
    "A2B0": "Table from device to profile colours",
    "B2A0": "Table from profile to device colours",
    "dmnd": "Device maker",
    "dmdd": "Device model",
    "vcgt": "Video card curves",
    "cicp": "Coding-independent code points",
}
MAX_TAGS = 200


def parse_profile(span: Span) -> list[Node]:
    """Header and tags of a span that is one profile."""
    start = span.start
    header = span.node("profile header", start, start + 128, "Colour profile header", "colour")
    if span.end - start < 132 or span.take(start + 36, 4) != b"acsp":
        header.add_problem("This is not a colour profile, or it is truncated.")
        return close_gaps([header], span)
    header.add_field("version", f"{span.number(start + 8, 1)}.{span.number(start + 9, 1) >> 4}")
    for label, at in (("class", 12), ("colours", 16), ("created by", 4), ("platform", 40)):
        header.add_field(label, _text(span.take(start + at, 4)))
    year, month, day = (span.number(start + 24 + 2 * i, 2) for i in range(3))
    header.add_field("date", f"{year:04d}-{month:02d}-{day:02d}")
    count = span.number(start + 128, 4)
    listed = min(count, MAX_TAGS)
    nodes = [
        header,
        span.node("tag table", start + 128, start + 132 + 12 * count, f"Table of {count:,} tags", "colour"),
    ]
    by_range: dict[tuple[int, int], Node] = {}
    for i in range(listed):
        at = start + 132 + 12 * i
        if at + 12 > span.end or span.context.is_full:
            nodes[1].add_problem("It declares more tags than fit.")
            break
        sign, offset, size = _text(span.take(at, 4)), span.number(at + 4, 4), span.number(at + 8, 4)
        if offset + size > span.end - start:
            nodes[1].add_problem(f"The data of its tag {sign} lie outside the profile.")
            continue
        if (offset, size) in by_range:  # curves are often shared
            by_range[offset, size].name += f", {sign}"
            continue
        node = span.node(sign, start + offset, start + offset + size, _TAGS.get(sign, "Profile tag"), "colour")
        if text := tag_text(span.take(start + offset, min(size, 2048))):
            node.add_field("text", text)
        by_range[offset, size] = node
        nodes.append(node)
    return close_gaps(nodes, span)


def tag_text(raw: bytes) -> str:
    """The text in the data of a `desc`, `text` or `mluc` tag; empty for others."""
    if raw[:4] == b"desc":
        return raw[12 : 12 + int.from_bytes(raw[8:12], "big")].decode("latin-1").strip("\0 ")
    if raw[:4] == b"text":
        return raw[8:].decode("latin-1").strip("\0 ")
    if raw[:4] == b"mluc" and len(raw) >= 28:
        length, offset = int.from_bytes(raw[20:24], "big"), int.from_bytes(raw[24:28], "big")
        return raw[offset : offset + length].decode("utf-16-be", "replace").strip("\0 ")
    return ""


def _text(raw: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 else "." for b in raw).strip(". ")
