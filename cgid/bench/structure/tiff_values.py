"""One tag of a TIFF directory: its type, where its value lies, and the value in words."""

from __future__ import annotations

from dataclasses import dataclass

from cgid.bench.structure.node import Span

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
SHOWN = 8  # numbers of a value


@dataclass(frozen=True, slots=True)
class Entry:
    """at, size: where the value's bytes lie. kind: the type's name. outside: not in the entry itself."""

    tag: int
    type: int
    kind: str
    count: int
    at: int
    size: int
    outside: bool


def entry(span: Span, start: int, order: str, big: bool) -> Entry:
    """The tag whose 12 (BigTIFF: 20) bytes begin at `start`; nothing is checked against the span."""
    word = 8 if big else 4
    tag, type_ = span.number(start, 2, order), span.number(start + 2, 2, order)
    count = span.number(start + 4, word, order)
    each, kind = _TYPES.get(type_, (1, f"type {type_}"))
    size, inside = each * count, start + 4 + word
    outside = size > word
    at = span.start + span.number(inside, word, order) if outside else inside
    return Entry(tag, type_, kind, count, at, size, outside)


def numbers(span: Span, value: Entry, order: str, max_count: int) -> list[int]:
    """The first `max_count` unsigned integers of a value; empty for other types or where it lies outside."""
    each = _TYPES.get(value.type, (0, ""))[0]
    if value.type not in (1, 3, 4, 13, 16, 18) or value.at + value.size > span.end:
        return []
    return [span.number(value.at + each * i, each, order) for i in range(min(value.count, max_count))]


def shown(span: Span, value: Entry, order: str) -> str:
    """A value in words: text, numbers, fractions; hexadecimal for what is undefined. Cut."""
    if value.type == 2:
        return span.take(value.at, min(value.size, 400)).decode("utf-8", "replace").strip("\0 ")
    if value.type in (5, 10):
        signed = value.type == 10
        parts = []
        for i in range(min(value.count, SHOWN)):
            pair = (span.take(value.at + 8 * i + k, 4) for k in (0, 4))
            top, bottom = (int.from_bytes(p, order, signed=signed) for p in pair)  # type: ignore[arg-type]
            parts.append(f"{top}/{bottom}")
    elif value.type in (11, 12):
        import struct

        letter, each = ("<" if order == "little" else ">") + ("f" if value.type == 11 else "d"), 4 * (value.type - 10)
        raws = (span.take(value.at + each * i, each) for i in range(min(value.count, SHOWN)))
        parts = [f"{struct.unpack(letter, r)[0]:g}" for r in raws if len(r) == each]
    elif value.type == 7 or value.type not in _TYPES:
        raw = span.take(value.at, min(value.size, 16))
        return raw.decode() if raw.isalnum() else raw.hex(" ") + (" …" if value.size > 16 else "")
    else:
        each, signed = _TYPES[value.type][0], value.type in (6, 8, 9, 17)
        raws = (span.take(value.at + each * i, each) for i in range(min(value.count, SHOWN)))
        parts = [str(int.from_bytes(r, order, signed=signed)) for r in raws]  # type: ignore[arg-type]
    return ", ".join(parts) + (" …" if value.count > SHOWN else "")
