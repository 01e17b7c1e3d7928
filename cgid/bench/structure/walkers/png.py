"""Takes a PNG apart: every chunk with its length and checksum, texts by keyword, what lies in eXIf, iCCP and caBX.

Source: PNG specification (W3C, third edition), sections 5 and 11.
"""

from __future__ import annotations

import zlib

from cgid.bench.structure import icc, jumbf
from cgid.bench.structure.node import Node, Span, settle
from cgid.bench.structure.walker import Walker
from cgid.bench.structure.walkers import tiff
from cgid.features.parsers.png_file import SIGNATURE

MOST_PROFILE = 4 * 1024 * 1024
GROUPED = 4  # neighbouring data chunks that are shown one by one
_WHAT = {
    "IHDR": ("Image header", "header"),
    "PLTE": ("Palette", "tables"),
    "IDAT": ("Picture data", "picture"),
    "fdAT": ("Picture data of a further frame", "picture"),
    "IEND": ("End of image", "header"),
    "acTL": ("Animation control", "header"),
    "fcTL": ("Frame control", "header"),
    "tEXt": ("Text", "metadata"),
    "zTXt": ("Compressed text", "metadata"),
    "iTXt": ("International text", "metadata"),
    "eXIf": ("Exif metadata", "metadata"),
    "tIME": ("Time of the last change", "metadata"),
    "iCCP": ("Colour profile", "colour"),
    "sRGB": ("Colours are sRGB", "colour"),
    "gAMA": ("Gamma", "colour"),
    "cHRM": ("Primary colours and white point", "colour"),
    "cICP": ("Coding-independent code points", "colour"),
    "mDCV": ("Mastering display", "colour"),
    "cLLI": ("Light level", "colour"),
    "sBIT": ("Significant bits", "header"),
    "bKGD": ("Background colour", "header"),
    "hIST": ("Palette histogram", "tables"),
    "tRNS": ("Transparency", "tables"),
    "pHYs": ("Pixel size", "header"),
    "sPLT": ("Suggested palette", "tables"),
    "caBX": ("Content credentials (C2PA) in JUMBF", "credentials"),
    "CgBI": ("Apple's own variant", "header"),
}
_COLOURS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGB with alpha"}


def _walk(span: Span) -> tuple[list[Node], int]:
    start = span.start
    found = [span.node("signature", start, start + 8, "PNG signature")]
    at = start + 8
    while at < span.end and not span.walk.full:
        size = span.number(at, 4)
        end = at + 12 + size
        if at + 12 > span.end or end > span.end:
            node = span.node("cut chunk", at, span.end, "A chunk that is cut short", "unknown")
            node.wrong(f"The chunk at byte {at:,} claims {size:,} bytes; the file ends before.")
            return _grouped([*found, node], span), span.end
        node = _chunk(span, at, size)
        found.append(node)
        at = end
        if node.name == "IEND":
            return _grouped(found, span), at
    if not span.walk.full:
        found[-1].wrong("The file ends without IEND.")
    return _grouped(found, span), at


def _chunk(span: Span, at: int, size: int) -> Node:
    raw = span.take(at + 4, 4)
    kind = "".join(chr(b) if 32 < b < 127 else "?" for b in raw)
    what, holds = _WHAT.get(kind, ("Chunk of no known kind", "unknown"))
    node = span.node(kind, at, at + 12 + size, what, holds)
    body, end = at + 8, at + 8 + size
    if zlib.crc32(memoryview(span.data)[at + 4 : end]) != span.number(end, 4):
        node.wrong(f"The checksum of the chunk {kind} at byte {at:,} is wrong: its bytes were changed or damaged.")
    if not all(chr(b).isalpha() and b < 128 for b in raw):
        node.wrong(f"The chunk at byte {at:,} has no proper name.")
    inner = span.inner(body, end)
    if kind == "IHDR" and size == 13:
        node.fact("size", f"{span.number(body, 4)} x {span.number(body + 4, 4)} px")
        node.fact("bits", span.number(body + 8, 1))
        node.fact("colours", _COLOURS.get(span.number(body + 9, 1), "unknown"))
        node.fact("interlaced", "yes" if span.number(body + 12, 1) else "no")
    elif kind in ("tEXt", "zTXt", "iTXt"):
        key, _, rest = span.take(body, min(size, 600)).partition(b"\0")
        node.fact("keyword", key[:79].decode("latin-1"))
        if kind == "tEXt":
            node.fact("text", rest.decode("utf-8", "replace"))
    elif kind == "eXIf":
        node.children = settle(tiff.block(inner)[0], inner)
    elif kind == "caBX":
        node.children = jumbf.boxes(inner)
    elif kind == "iCCP":
        _profile(inner, node)
    elif kind == "pHYs" and size == 9:
        unit = "per metre" if span.number(body + 8, 1) == 1 else "as proportions"
        node.fact("density", f"{span.number(body, 4)} x {span.number(body + 4, 4)} {unit}")
    elif kind == "gAMA" and size == 4:
        node.fact("gamma", f"{span.number(body, 4) / 100000:g}")
    elif kind == "tIME" and size == 7:
        parts = [span.number(body, 2), *(span.number(body + i, 1) for i in range(2, 7))]
        node.fact("time", "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}".format(*parts))
    elif kind == "acTL" and size == 8:
        node.fact("frames", span.number(body, 4))
    elif kind == "PLTE":
        node.fact("colours", size // 3)
    return node


def _profile(span: Span, node: Node) -> None:
    name, _, rest = span.take(span.start, span.end - span.start).partition(b"\0")
    node.fact("name", name[:79].decode("latin-1"))
    try:
        raw = zlib.decompressobj().decompress(rest[1:], max(1, min(MOST_PROFILE, span.walk.unpacked)))
    except zlib.error:
        node.wrong("The colour profile cannot be unpacked.")
        return
    span.walk.unpacked -= len(raw)
    node.children = icc.profile(span.unpacked("unpacked colour profile", raw))


def _grouped(found: list[Node], span: Span) -> list[Node]:
    """Long runs of data chunks as one part that holds them."""
    kept: list[Node] = []
    at = 0
    while at < len(found):
        to = at + 1
        while to < len(found) and found[to].name == found[at].name and found[at].name in ("IDAT", "fdAT"):
            to += 1
        if to - at > GROUPED:
            run = found[at:to]
            what, kind = _WHAT[run[0].name]
            group = span.node(f"{len(run):,} x {run[0].name}", run[0].at, run[-1].end, what, kind)
            group.children = run
            kept.append(group)
        else:
            kept += found[at:to]
        at = to
    return kept


WALKER = Walker("png", "PNG picture", lambda head: head.startswith(SIGNATURE), _walk)
