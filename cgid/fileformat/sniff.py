"""Image formats: the one table of names, extensions and decoders, and how the first bytes of a file tell them apart."""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """label: for people. extensions: lower case, without the dot. decoders: Pillow's names of those that may read it."""

    label: str
    extensions: tuple[str, ...]
    decoders: tuple[str, ...]


# The order is the code of a format in the feature `container_format_code`: append only.
FORMATS = {
    "JPEG": ImageFormat("JPEG", ("jpg", "jpeg", "jpe", "jfif", "mpo"), ("JPEG",)),  # opens MPO too
    "PNG": ImageFormat("PNG", ("png", "apng"), ("PNG",)),
    "WEBP": ImageFormat("WebP", ("webp",), ("WEBP",)),
    "GIF": ImageFormat("GIF", ("gif",), ("GIF",)),
    "BMP": ImageFormat("BMP", ("bmp", "dib"), ("BMP",)),
    "TIFF": ImageFormat("TIFF", ("tif", "tiff"), ("TIFF",)),
    "AVIF": ImageFormat("AVIF", ("avif", "avifs"), ("AVIF",)),
    "HEIF": ImageFormat("HEIC", ("heic", "heif", "heics", "hif"), ("HEIF",)),
}
LABELS = tuple(each.label for each in FORMATS.values())
# With the dot, as `Path.suffix` gives it.
IMAGE_EXTENSIONS = frozenset(f".{extension}" for each in FORMATS.values() for extension in each.extensions)
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def sniff(data: bytes) -> str | None:
    """The format (a key of FORMATS) by the first bytes, or None. Never by the file's name."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:2] == b"BM":
        return "BMP"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if data[4:8] == b"ftyp":
        end = min(struct.unpack(">I", data[:4])[0], 128)
        brands = {data[8:12], *(data[i : i + 4] for i in range(16, end, 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    return None


def png_size(data: bytes) -> tuple[int, int]:
    """(width, height) that the header of a PNG claims; (0, 0) where it is cut short."""
    width, height = struct.unpack(">II", data[16:24].ljust(8, b"\0"))
    return width, height
