"""Image formats: one table of names, extensions and decoders, and detection by the first bytes of a file."""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageFormat:
    """label: display name. extensions: lower case, without the dot. decoders: Pillow's names of the decoders allowed."""

    label: str
    extensions: tuple[str, ...]
    decoders: tuple[str, ...]


# The position is the format's code in the feature `container_format_code`: append only.
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
    """The format (a key of FORMATS) by the first bytes, or None; the file name is ignored."""
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
    """(width, height) declared in a PNG's header; (0, 0) if it is truncated."""
    width, height = struct.unpack(">II", data[16:24].ljust(8, b"\0"))
    return width, height
