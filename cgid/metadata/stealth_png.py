"""Generation settings hidden in the least significant bits of PNG pixels, as NovelAI and a web UI extension write them.

Columns from the left, each from the top: a name of 15 letters, the number of bits that follow (32 bits), then the text,
`…info` plain or `…comp` gzip. `stealth_png…` lies in the alpha channel, `stealth_rgb…` in red, green, blue of each
pixel. An image without it costs a few rows: the first bits of the first column decide before the image is decoded
again.
"""

from __future__ import annotations

import zlib

import numpy as np

from cgid.imaging.image_file import ImageFile

MAX_BYTES = 1024 * 1024
MAX_WIDTH = 32_768  # px; a row is inflated as a whole
_NAMES = (b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp")
_LENGTH_AT = 15 * 8


def hidden_text(image: ImageFile) -> str:
    """The hidden text, at most 1 MiB; empty where there is none. Never raises."""
    if image.format != "PNG" or image.bits != 8 or image.mode not in ("RGB", "RGBA") or image.width > MAX_WIDTH:
        return ""
    channels = len(image.mode)
    for kind in (b"png", b"rgb") if channels == 4 else (b"rgb",):
        if _begins_with(image, channels, kind):
            return _read(_bits(image, kind))
    return ""


def _begins_with(image: ImageFile, channels: int, kind: bytes) -> bool:
    """Whether the lowest bits of the first column begin with the name; rows are inflated only while they match."""
    chunks = [c for c in image.png.chunks if c.kind == "IDAT"]
    if len(image.data) > 28 and image.data[28] != 0:
        return False  # interlaced files store rows in another order
    expected = np.unpackbits(np.frombuffer(b"stealth_" + kind, np.uint8))
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
        # The first pixel has no left neighbour, so filters either leave it or add the pixel above (PNG, 9.2).
        kind_of_row = rows[0]
        add = {2: above, 4: above, 3: [a // 2 for a in above]}.get(kind_of_row, [0] * channels)
        above = [(b + a) & 255 for b, a in zip(rows[1 : 1 + channels], add)]
        bits = [above[3] & 1] if kind == b"png" else [b & 1 for b in above[:3]]
        if any(bit != expected[at + i] for i, bit in enumerate(bits)):
            return False
        at += len(bits)
        rows.clear()
    return True


def _bits(image: ImageFile, kind: bytes) -> np.ndarray:
    """uint8 (n,): the lowest bits in reading order."""
    try:
        pixels = np.asarray(ImageFile.decode(image.data, image.name)[1].convert(image.mode))
    except Exception:  # the image was decoded before; if it cannot be decoded again, there is nothing to read
        return np.zeros(0, np.uint8)
    channels = pixels[..., 3:] if kind == b"png" else pixels[..., :3]
    # A few columns hold everything that is read.
    max_columns = (_LENGTH_AT + 32 + 8 * MAX_BYTES) // (channels.shape[0] * channels.shape[2]) + 1
    return (channels[:, :max_columns].swapaxes(0, 1).ravel()) & 1


def _read(bits: np.ndarray) -> str:
    head = np.packbits(bits[: _LENGTH_AT + 32]).tobytes()
    name, size = head[:15], int.from_bytes(head[15:19], "big")
    if name not in _NAMES or not 0 < size <= min(8 * MAX_BYTES, len(bits) - _LENGTH_AT - 32):
        return ""
    body = np.packbits(bits[_LENGTH_AT + 32 : _LENGTH_AT + 32 + size]).tobytes()
    if name.endswith(b"comp"):
        try:
            body = zlib.decompressobj(31).decompress(body, MAX_BYTES)
        except zlib.error:
            return ""
    return body.decode("utf-8", "replace")
