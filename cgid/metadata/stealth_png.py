"""Generation data hidden in the lowest bits of a PNG's pixels, as NovelAI and a web UI extension write it.

Columns from the left, each from the top: a name of 15 letters, the number of bits that follow (32 bits), then the text,
`…info` plain or `…comp` gzip. `stealth_png…` lies in the alpha channel, `stealth_rgb…` in red, green, blue of each pixel.
A picture without it costs a few rows: the first column's first bits give it away before the picture is decoded again.
"""

from __future__ import annotations

import zlib

import numpy as np

from cgid.imaging.image_file import ImageFile

MOST_BYTES = 1024 * 1024
WIDEST = 32_768  # px; a row is inflated whole
_NAMES = (b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp")
_LENGTH_AT = 15 * 8


def text(image: ImageFile) -> str:
    """The hidden text, at most 1 MiB; empty where there is none. Never raises."""
    if image.format != "PNG" or image.bits != 8 or image.mode not in ("RGB", "RGBA") or image.width > WIDEST:
        return ""
    channels = len(image.mode)
    for kind in (b"png", b"rgb") if channels == 4 else (b"rgb",):
        if _starts(image, channels, kind):
            return _read(_bits(image, kind))
    return ""


def _starts(image: ImageFile, channels: int, kind: bytes) -> bool:
    """Do the first column's lowest bits begin with the name? Only as many rows are inflated as agree."""
    chunks = [c for c in image.png.chunks if c.kind == "IDAT"]
    if len(image.data) > 28 and image.data[28] != 0:
        return False  # interlaced files keep their rows in another order
    wanted = np.unpackbits(np.frombuffer(b"stealth_" + kind, np.uint8))
    stride, above, at = 1 + image.width * channels, [0] * channels, 0
    inflate, rows = zlib.decompressobj(), bytearray()
    source = iter(chunks)
    for _ in range(min(image.height, 24)):
        while len(rows) < stride:
            chunk = inflate.unconsumed_tail
            if not chunk:
                following = next(source, None)
                if following is None:
                    return False
                chunk = image.data[following.body : following.body + following.size]
            try:
                rows += inflate.decompress(chunk, stride - len(rows))
            except zlib.error:
                return False
            if inflate.eof and len(rows) < stride:
                return False
        # Left of the first pixel is nothing, so every filter but two leaves it or adds the pixel above (PNG, 9.2).
        kind_of_row = rows[0]
        add = {2: above, 4: above, 3: [a // 2 for a in above]}.get(kind_of_row, [0] * channels)
        above = [(b + a) & 255 for b, a in zip(rows[1 : 1 + channels], add)]
        bits = [above[3] & 1] if kind == b"png" else [b & 1 for b in above[:3]]
        if any(bit != wanted[at + i] for i, bit in enumerate(bits)):
            return False
        at += len(bits)
        rows.clear()
    return True


def _bits(image: ImageFile, kind: bytes) -> np.ndarray:
    """uint8 (n,): the lowest bits in reading order."""
    try:
        pixels = np.asarray(ImageFile.decode(image.data, image.name)[1].convert(image.mode))
    except Exception:  # the picture was decoded before; what cannot be decoded again hides nothing to be read
        return np.zeros(0, np.uint8)
    part = pixels[..., 3:] if kind == b"png" else pixels[..., :3]
    # A few columns hold all that is read.
    most = (_LENGTH_AT + 32 + 8 * MOST_BYTES) // (part.shape[0] * part.shape[2]) + 1
    return (part[:, :most].swapaxes(0, 1).ravel()) & 1


def _read(bits: np.ndarray) -> str:
    head = np.packbits(bits[: _LENGTH_AT + 32]).tobytes()
    name, size = head[:15], int.from_bytes(head[15:19], "big")
    if name not in _NAMES or not 0 < size <= min(8 * MOST_BYTES, len(bits) - _LENGTH_AT - 32):
        return ""
    body = np.packbits(bits[_LENGTH_AT + 32 : _LENGTH_AT + 32 + size]).tobytes()
    if name.endswith(b"comp"):
        try:
            body = zlib.decompressobj(31).decompress(body, MOST_BYTES)
        except zlib.error:
            return ""
    return body.decode("utf-8", "replace")
