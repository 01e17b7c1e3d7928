"""Which image formats are read, told by their first bytes, and what each says about frames and bit depth."""

from __future__ import annotations

import struct

from PIL import Image

NAMES = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "AVIF", "HEIC")
PILLOW = {
    "JPEG": ("JPEG", "MPO"),
    "PNG": ("PNG",),
    "WEBP": ("WEBP",),
    "GIF": ("GIF",),
    "BMP": ("BMP",),
    "TIFF": ("TIFF",),
    "AVIF": ("AVIF",),
    "HEIF": ("HEIF",),
}
EXTENSIONS = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "PNG": ("png", "apng"),
    "WEBP": ("webp",),
    "GIF": ("gif",),
    "BMP": ("bmp", "dib"),
    "TIFF": ("tif", "tiff"),
    "AVIF": ("avif", "avifs"),
    "HEIF": ("heic", "heif", "heics", "hif"),
}
MOST_FRAMES = 10_000
# A progressive JPEG may repeat scans without end; real encoders write about ten.
MOST_SCANS = 100
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def sniff(data: bytes) -> str | None:
    """The format by the first bytes, or None. Never by the file's name."""
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


def register_heif() -> None:
    """Teach Pillow HEIC; only where such a file is met, since the library takes time to load."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def refuse_slow(data: bytes, name: str, pixels: int, error: type[Exception], file: str) -> None:
    """Raise `error` for a JPEG with so many scans that decoding it is an attack, not a picture."""
    if name != "JPEG" or pixels < 1_000_000 or data.count(b"\xff\xda") <= MOST_SCANS:
        return
    from cgid.features.parsers import jpeg_file

    if (scans := len(jpeg_file.read(data).scans)) > MOST_SCANS:
        raise error(f"{file} repeats {scans} JPEG scans; at most {MOST_SCANS} are decoded.")


def frames(data: bytes, image: Image.Image) -> int:
    """Frames or pages, at most 10,000 counted; 1 where the file does not say."""
    if image.format == "GIF":
        return gif_frames(data)
    try:
        return max(1, min(int(getattr(image, "n_frames", 1)), MOST_FRAMES))
    except Exception:  # a broken later page says nothing about the first, which is the one that is read
        return 1


def gif_frames(data: bytes) -> int:
    """Image descriptors of a GIF, at least 1."""
    return max(gif_blocks(data)[0], 1)


def gif_blocks(data: bytes) -> tuple[int, int | None]:
    """(image descriptors, offset after the trailer; None where there is none), by walking the blocks undecoded."""
    at, count = 13, 0
    if len(data) > 10 and data[10] & 0x80:
        at += 3 << ((data[10] & 7) + 1)
    while at < len(data) and count < MOST_FRAMES:
        kind = data[at]
        if kind == 0x2C and at + 9 < len(data):
            flags = data[at + 9]
            at += 11 + ((3 << ((flags & 7) + 1)) if flags & 0x80 else 0)
            count += 1
        elif kind == 0x21:
            at += 2
        else:
            return count, at + 1 if kind == 0x3B else None
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1
    return count, None


def bits(data: bytes, name: str, image: Image.Image) -> int:
    """Bits per channel as the file stores them."""
    if name == "PNG" and len(data) > 24:
        return data[24]
    if name == "TIFF":
        try:
            return int(max(image.tag_v2.get(258, (1,))))
        except (TypeError, ValueError):
            return 8
    if name == "HEIF":
        return int(image.info.get("bit_depth", 8))
    return {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}.get(image.mode, 8)
