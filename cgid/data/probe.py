"""Look at one file as a data set must: is it an image that opens, which one is it, and what does it look like?

The perceptual hash is the DCT hash (pHash) of Zauner, "Implementation and Benchmarking of Perceptual Image Hash
Functions" (2010), as the library ImageHash computes it: 64 bits, near-duplicates differ in few of them.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import warnings
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 120_000_000
MAX_BYTES = 512 * 1024 * 1024
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
# Below this spread of grey levels a hash says nothing: its bits are rounding noise.
_FLAT_DEVIATION = 2.0
_THUMBNAIL = 256
_MAX_JPEG_SCANS = 500
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Probe:
    """What one file is. problem: "" or why it is no usable image, then the rest is empty.

    reason: "", `missing` or `unreadable`. sha256: hex, of the content. phash: 16 hex digits, "" for a picture too flat
    to be told from others. width, height: pixels as stored. format: `JPEG`, `PNG`, … bytes: file size.
    """

    reason: str = ""
    problem: str = ""
    sha256: str = ""
    phash: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    bytes: int = 0


def probe_files(paths: list[str]) -> list[Probe]:
    """`probe` for each path, in order: one chunk of parallel work."""
    return [probe(path) for path in paths]


def probe(path: str) -> Probe:
    """Read, judge the header, decode. Never raises for a bad file: the reason is in the result."""
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            return Probe("unreadable", "is not a file")
        if about.st_size == 0:
            return Probe("unreadable", "the file is empty (0 bytes)")
        if about.st_size > MAX_BYTES:
            return Probe("unreadable", f"the file has {about.st_size:,} bytes, at most {MAX_BYTES:,} are read")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Probe("missing", "there is no such file")
    except (OSError, ValueError) as error:
        return Probe("unreadable", f"cannot be read: {getattr(error, 'strerror', None) or error}")
    try:
        return _decode(data)
    except MemoryError:
        return Probe("unreadable", "decoding needs more memory than there is")
    except Exception as error:  # the edge where one image fails: decoders raise all kinds of errors
        return Probe("unreadable", f"damaged or cut short: {_words(error)}")


def _decode(data: bytes) -> Probe:
    Image.init()  # the readers that Pillow does not load by itself: without them a name in FORMATS is an error
    if data[4:8] == b"ftyp":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    with warnings.catch_warnings():
        # Size is judged below, broken tags cost nothing: Pillow need not warn of either.
        warnings.simplefilter("ignore")
        # Pillow calls a PNG that ends after its header no image at all; its claimed size says more.
        if data.startswith(_PNG) and (size := struct.unpack(">II", data[16:24].ljust(8, b"\0"))) and _too_large(*size):
            return Probe("unreadable", _too_large(*size))
        try:
            image = Image.open(BytesIO(data), formats=[f for f in FORMATS if f in Image.OPEN])
        except UnidentifiedImageError:
            return Probe("unreadable", "not an image of a kind read here (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC)")
        except Image.DecompressionBombError:
            return Probe("unreadable", f"too large: the header claims more than {MAX_PIXELS:,} pixels")
        width, height = image.size
        if _too_large(width, height):
            return Probe("unreadable", _too_large(width, height))
        if image.format == "JPEG" and width * height > 1_000_000 and data.count(b"\xff\xda") > _MAX_JPEG_SCANS:
            return Probe("unreadable", f"repeats more than {_MAX_JPEG_SCANS} JPEG scans")
        kind = "JPEG" if image.format == "MPO" else image.format or ""
        image.load()
        phash = _phash(image)
    return Probe("", "", hashlib.sha256(data).hexdigest(), phash, width, height, kind, len(data))


def _too_large(width: int, height: int) -> str:
    """Why a picture of this size is not decoded, or ""."""
    if width * height <= MAX_PIXELS:
        return ""
    return f"too large: {width} x {height} pixels, at most {MAX_PIXELS:,} are read"


def _phash(image: Image.Image) -> str:
    import imagehash

    gray = _gray_thumbnail(image)
    if float(np.asarray(gray.resize((32, 32), Image.Resampling.LANCZOS), np.float32).std()) < _FLAT_DEVIATION:
        return ""
    return str(imagehash.phash(gray))


def _gray_thumbnail(image: Image.Image) -> Image.Image:
    """Upright, over white, 8-bit grey; shrunk by whole pixels first where large, which is fast and blurs nothing."""
    factor = min(image.size) // _THUMBNAIL
    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image, np.float64))
        low, high = values.min(), values.max()
        image = Image.fromarray(((values - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8))
    elif "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    gray = image.convert("L")
    if factor > 1:
        gray = gray.reduce(factor)
    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # broken EXIF never costs the image; it lies as it is stored
        return gray
    return _upright(gray, orientation)


def _upright(gray: Image.Image, orientation: object) -> Image.Image:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation) if isinstance(orientation, int) else None
    return gray if turn is None else gray.transpose(turn)


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
