"""The headers of a BMP file: file size, pixel offset, dimensions, bits and compression ("Bitmap Storage")."""

from __future__ import annotations

from typing import NamedTuple

FILE_HEADER = 14  # bytes


class BmpHeader(NamedTuple):
    """file_size: bytes of the file, 0 where not given. pixel_offset: of the pixels, from the file's first byte.

    header_size: bytes of the second header, which identifies its version. width, height: px; height < 0 = top row
    first. image_size: bytes of the pixels, 0 where not given.
    """

    file_size: int
    pixel_offset: int
    header_size: int
    width: int
    height: int
    bits: int
    compression: int
    image_size: int


def read(data: bytes, start: int = 0, end: int | None = None) -> BmpHeader:
    """Both headers of the BMP at `start`; missing data read as 0. Never raises."""
    raw = data[start : min(start + 54, len(data) if end is None else end)]

    def number(at: int, size: int) -> int:
        return int.from_bytes(raw[at : at + size], "little")

    header_size = number(14, 4)
    word = 2 if header_size == 12 else 4  # bytes of width and height
    return BmpHeader(
        file_size=number(2, 4),
        pixel_offset=number(10, 4),
        header_size=header_size,
        width=number(18, word),
        height=int.from_bytes(raw[18 + word : 18 + 2 * word], "little", signed=word == 4),
        bits=number(20 + 2 * word, 2),
        compression=number(30, 4) if header_size >= 20 else 0,
        image_size=number(34, 4) if header_size >= 40 else 0,
    )
