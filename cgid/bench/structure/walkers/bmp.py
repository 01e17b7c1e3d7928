"""Takes a BMP apart: file header, picture header, palette, pixels (Microsoft, "Bitmap Storage")."""

from __future__ import annotations

from cgid.bench.structure.node import Node, Span
from cgid.bench.structure.walker import Walker

_HEADERS = {12: "BITMAPCOREHEADER", 40: "BITMAPINFOHEADER", 52: "BITMAPV2INFOHEADER", 56: "BITMAPV3INFOHEADER"}
_HEADERS |= {64: "OS22XBITMAPHEADER", 108: "BITMAPV4HEADER", 124: "BITMAPV5HEADER", 16: "OS22XBITMAPHEADER (short)"}
_PACKING = {0: "none", 1: "RLE8", 2: "RLE4", 3: "bit fields", 4: "JPEG", 5: "PNG", 6: "bit fields with alpha"}


def _walk(span: Span) -> tuple[list[Node], int]:
    start = span.start
    header = span.node("BITMAPFILEHEADER", start, start + 14, "File header")
    total, pixels = span.number(start + 2, 4, "little"), start + span.number(start + 10, 4, "little")
    header.fact("length it names", f"{total:,}")
    header.fact("pixels begin at", f"{pixels - start:,}")
    size = span.number(start + 14, 4, "little")
    picture = span.node(_HEADERS.get(size, "picture header"), start + 14, start + 14 + size, "Picture header")
    found = [header, picture]
    if size not in _HEADERS:
        picture.wrong(f"A picture header of {size:,} bytes is of no known kind.")
        return [header], header.end
    word = 2 if size == 12 else 4
    width = span.number(start + 18, word, "little")
    height = int.from_bytes(span.take(start + 18 + word, word), "little", signed=word == 4)
    bits = span.number(start + 20 + 2 * word, 2, "little")
    picture.fact("size", f"{width} x {abs(height)} px")
    picture.fact("bits", bits)
    packing = span.number(start + 30, 4, "little") if size >= 20 else 0
    picture.fact("compression", _PACKING.get(packing, packing))
    if not picture.end <= pixels <= span.end:
        header.wrong("The pixels begin outside the file or within its header.")
        return found, picture.end
    if pixels > picture.end:
        found.append(span.node("palette", picture.end, pixels, "Palette, masks or space before the pixels", "tables"))
    plain = abs(height) * ((width * bits + 31) // 32 * 4)
    named = span.number(start + 34, 4, "little") if size >= 40 else 0
    length = plain if packing in (0, 3, 6) and plain else named
    end = min(pixels + length, span.end) if length else span.end
    data = span.node("pixels", pixels, end, "Picture data", "picture")
    if pixels + length > span.end:
        data.wrong(f"The picture needs {length:,} bytes; the file has {span.end - pixels:,}: it is cut short.")
    return [*found, data], max(end, min(start + total, span.end))


WALKER = Walker("bmp", "BMP picture", lambda head: head[:2] == b"BM", _walk)
