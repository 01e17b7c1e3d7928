"""What Pillow needs to decode an image of each format, and what it is asked about frames and bit depth."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from cgid.fileformat import bmp_header, gif_blocks, jpeg, riff_chunks
from cgid.fileformat.sniff import FORMATS
from cgid.imaging.limits import FREE_SCAN_PIXELS, MAX_FRAMES, MAX_JPEG_SCANS

PILLOW = {name: each.decoders for name, each in FORMATS.items()}


def register_heif() -> None:
    """Teach Pillow HEIC; only where such a file is met, since the library takes time to load."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def refuse_slow(data: bytes, name: str, pixels: int, error: type[Exception], file: str) -> None:
    """Raise `error` for a JPEG with so many scans that decoding it is an attack, not a picture.

    name: of the format. pixels: width times height. file: what the message calls the file.
    """
    if name != "JPEG" or pixels < FREE_SCAN_PIXELS or data.count(b"\xff\xda") <= MAX_JPEG_SCANS:
        return
    if (scans := len(jpeg.read(data).scans)) > MAX_JPEG_SCANS:
        raise error(f"{file} repeats {scans} JPEG scans; at most {MAX_JPEG_SCANS} are decoded.")


def frames(data: bytes, image: Image.Image) -> int:
    """Frames or pages, at most MAX_FRAMES counted; 1 where the file does not say."""
    if image.format == "GIF":
        return gif_frames(data)
    try:
        return max(1, min(int(getattr(image, "n_frames", 1)), MAX_FRAMES))
    except Exception:  # a broken later page says nothing about the first, which is the one that is read
        return 1


def gif_frames(data: bytes) -> int:
    """Image descriptors of a GIF, at least 1, at most MAX_FRAMES."""
    return max(gif_blocks.frames_and_end(data, MAX_FRAMES)[0], 1)


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


def trailing_bytes(data: bytes, name: str, end: int | None) -> int | None:
    """Bytes after the container's own end; None where the format does not say where it ends.

    name: of the format. end: of a JPEG or PNG, the offset after its end marker; None where it has none.
    """
    if name == "GIF":
        end = gif_blocks.frames_and_end(data, MAX_FRAMES)[1]
    elif name == "WEBP":
        end = riff_chunks.declared_end(data)
    elif name == "BMP":
        end = bmp_header.read(data).file_size or None
    return None if end is None else max(0, len(data) - end)


def decode_preview(data: bytes, max_pixels: int, formats: tuple[str, ...] = ("JPEG",)) -> np.ndarray | None:
    """Pixels of a small picture embedded in a file, uint8 (H, W, 3), as stored.

    formats: Pillow's names of those that are read. None where it is broken, of another format or has more than
    `max_pixels`.
    """
    try:
        image = Image.open(BytesIO(data), formats=formats)
        return None if image.width * image.height > max_pixels else np.asarray(image.convert("RGB"))
    except Exception:  # a broken preview is one that shows nothing
        return None
