"""The structure tree of a BMP: file header, image header, palette, pixels (Microsoft, "Bitmap Storage")."""

from __future__ import annotations

from cgid.fileformat import bmp_header
from cgid.fileformat.node import Node, Span
from cgid.fileformat.tree import ContainerParser

_HEADERS = {12: "BITMAPCOREHEADER", 40: "BITMAPINFOHEADER", 52: "BITMAPV2INFOHEADER", 56: "BITMAPV3INFOHEADER"}
_HEADERS |= {64: "OS22XBITMAPHEADER", 108: "BITMAPV4HEADER", 124: "BITMAPV5HEADER", 16: "OS22XBITMAPHEADER (short)"}
_PACKING = {0: "none", 1: "RLE8", 2: "RLE4", 3: "bit fields", 4: "JPEG", 5: "PNG", 6: "bit fields with alpha"}


def _parse(span: Span) -> tuple[list[Node], int]:
    start = span.start
    bmp = bmp_header.read(span.data, start, span.end)
    header = span.node("BITMAPFILEHEADER", start, start + bmp_header.FILE_HEADER, "File header")
    pixels = start + bmp.pixel_offset
    header.add_field("declared length", f"{bmp.file_size:,}")
    header.add_field("pixels begin at", f"{bmp.pixel_offset:,}")
    name = _HEADERS.get(bmp.header_size, "image header")
    picture = span.node(name, header.end, header.end + bmp.header_size, "Image header")
    nodes = [header, picture]
    if bmp.header_size not in _HEADERS:
        return [header], header.end
    picture.add_field("size", f"{bmp.width} x {abs(bmp.height)} px")
    picture.add_field("bits", bmp.bits)
    picture.add_field("compression", _PACKING.get(bmp.compression, bmp.compression))
    if not picture.end <= pixels <= span.end:
        header.add_problem("The pixels begin outside the file or within its header.")
        return nodes, picture.end
    if pixels > picture.end:
        nodes.append(span.node("palette", picture.end, pixels, "Palette, masks or padding before the pixels", "tables"))
    uncompressed = abs(bmp.height) * ((bmp.width * bmp.bits + 31) // 32 * 4)
    length = uncompressed if bmp.compression in (0, 3, 6) and uncompressed else bmp.image_size
    end = min(pixels + length, span.end) if length else span.end
    data = span.node("pixels", pixels, end, "Image data", "picture")
    if pixels + length > span.end:
        data.add_problem(f"The image needs {length:,} bytes; the file has {span.end - pixels:,}: it is truncated.")
    return [*nodes, data], max(end, min(start + bmp.file_size, span.end))


PARSER = ContainerParser("bmp", "BMP image", lambda head: head[:2] == b"BM", _parse)
