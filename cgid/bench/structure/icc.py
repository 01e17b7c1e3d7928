"""The parts of an ICC colour profile: header, table of tags, data of each tag (ICC.1:2022, chapter 7)."""

from __future__ import annotations

from cgid.bench.structure.node import Node, Span, settle

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
MOST_TAGS = 200


def profile(span: Span) -> list[Node]:
    """Header and tags of a span that is one profile."""
    start = span.start
    header = span.node("profile header", start, start + 128, "Colour profile header", "colour")
    if span.end - start < 132 or span.take(start + 36, 4) != b"acsp":
        header.wrong("It is no colour profile, or it is cut short.")
        return settle([header], span)
    header.fact("version", f"{span.number(start + 8, 1)}.{span.number(start + 9, 1) >> 4}")
    for label, at in (("class", 12), ("colours", 16), ("made by", 4), ("platform", 40)):
        header.fact(label, _text(span.take(start + at, 4)))
    year, month, day = (span.number(start + 24 + 2 * i, 2) for i in range(3))
    header.fact("date", f"{year:04d}-{month:02d}-{day:02d}")
    count = span.number(start + 128, 4)
    listed = min(count, MOST_TAGS)
    found = [
        header,
        span.node("tag table", start + 128, start + 132 + 12 * count, f"Table of {count:,} tags", "colour"),
    ]
    places: dict[tuple[int, int], Node] = {}
    for i in range(listed):
        at = start + 132 + 12 * i
        if at + 12 > span.end or span.walk.full:
            found[1].wrong("It names more tags than fit.")
            break
        sign, offset, size = _text(span.take(at, 4)), span.number(at + 4, 4), span.number(at + 8, 4)
        if offset + size > span.end - start:
            found[1].wrong(f"The data of its tag {sign} lie outside the profile.")
            continue
        if (offset, size) in places:  # curves are often shared
            places[offset, size].name += f", {sign}"
            continue
        node = span.node(sign, start + offset, start + offset + size, _TAGS.get(sign, "Profile tag"), "colour")
        if text := description(span.take(start + offset, min(size, 2048))):
            node.fact("text", text)
        places[offset, size] = node
        found.append(node)
    return settle(found, span)


def description(raw: bytes) -> str:
    """The text of a `desc`, `text` or `mluc` tag's data; empty for others."""
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
