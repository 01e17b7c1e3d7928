"""Format-specific decoding with Pillow: decoders, frame counts, bit depth, trailing bytes, embedded previews."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, TiffImagePlugin

from cgid.fileformat import bmp_header, gif_blocks, jpeg, riff_chunks
from cgid.fileformat.sniff import FORMATS
from cgid.imaging.limits import FREE_SCAN_PIXELS, MAX_FRAMES, MAX_JPEG_SCANS

PILLOW_DECODERS = {name: each.decoders for name, each in FORMATS.items()}


def register_heif() -> None:
    """Register the HEIC decoder; only when needed, since the library takes time to load."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def refuse_slow_jpeg(data: bytes, name: str, pixels: int, error: type[Exception], file: str) -> None:
    """Raise `error` for a JPEG with so many scans that decoding it would be a denial of service.

    name: of the format. pixels: width times height. file: name of the file in the message.
    """
    if name != "JPEG" or pixels < FREE_SCAN_PIXELS or data.count(b"\xff\xda") <= MAX_JPEG_SCANS:
        return
    if (scans := len(jpeg.read_jpeg(data).scans)) > MAX_JPEG_SCANS:
        raise error(f"{file} repeats {scans} JPEG scans; at most {MAX_JPEG_SCANS} are decoded.")


def frame_count(data: bytes, image: Image.Image) -> int:
    """Number of frames or pages, at most MAX_FRAMES; 1 if the file does not state it."""
    if image.format == "GIF":
        return gif_frame_count(data)
    try:
        return max(1, min(int(getattr(image, "n_frames", 1)), MAX_FRAMES))
    except Exception:  # a broken later page does not affect the first, which is the one that is read
        return 1


def gif_frame_count(data: bytes) -> int:
    """Image descriptors of a GIF, at least 1, at most MAX_FRAMES."""
    return max(gif_blocks.frames_and_end(data, MAX_FRAMES)[0], 1)


def bits_per_channel(data: bytes, name: str, image: Image.Image) -> int:
    """Bits per channel as the file stores them."""
    if name == "PNG" and len(data) > 24:
        return data[24]
    if name == "TIFF" and isinstance(image, TiffImagePlugin.TiffImageFile):
        try:
            return int(max(image.tag_v2.get(258, (1,))))
        except (TypeError, ValueError):
            return 8
    if name == "HEIF":
        return int(image.info.get("bit_depth", 8))
    return {"1": 1, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 32, "F": 32}.get(image.mode, 8)


def trailing_bytes(data: bytes, name: str, end: int | None) -> int | None:
    """Bytes after the end of the container; None if the format does not define an end.

    name: of the format. end: for JPEG and PNG, the offset after the end marker; None if there is none.
    """
    if name == "GIF":
        end = gif_blocks.frames_and_end(data, MAX_FRAMES)[1]
    elif name == "WEBP":
        end = riff_chunks.declared_end(data)
    elif name == "BMP":
        end = bmp_header.read(data).file_size or None
    return None if end is None else max(0, len(data) - end)


def decode_preview(data: bytes, max_pixels: int, formats: tuple[str, ...] = ("JPEG",)) -> np.ndarray | None:
    """Pixels of a preview embedded in a file, uint8 (H, W, 3), as stored.

    formats: Pillow's names of the formats accepted. None if it is broken, of another format or has more than
    `max_pixels`.
    """
    try:
        image = Image.open(BytesIO(data), formats=formats)
        return None if image.width * image.height > max_pixels else np.asarray(image.convert("RGB"))
    except Exception:  # a broken preview counts as none
        return None
