"""One image file, opened once: the bytes, header, EXIF and pixels that all feature groups share.

Hostile files are normal input. A file either becomes an `ImageFile` or raises `UnreadableImage` with one sentence;
no other error escapes, and the size in the header is checked before any pixel is decoded.

Pixels: first frame, EXIF orientation honoured, 8 bits (`imaging/rgb.py` says how each mode becomes RGB).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError

from cgid.errors import InputError
from cgid.fileformat.jpeg import JpegFile, read_jpeg
from cgid.fileformat.png import PngFile, read_png
from cgid.fileformat.sniff import LABELS, png_size, sniff
from cgid.imaging import decoders
from cgid.imaging.limits import MAX_BYTES, MAX_PIXELS, MAX_PNG_TEXT
from cgid.imaging.luma import luma
from cgid.imaging.rgb import INVERSE_ORIENTATION, apply_orientation, to_rgb8

# Our own limit is checked right after the header; Pillow's error at twice its own limit remains active.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
# Pillow warns once per broken tag of a hostile TIFF or EXIF block; single tags do not matter here.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")

PngImagePlugin.MAX_TEXT_CHUNK = MAX_PNG_TEXT

Shared = TypeVar("Shared")


class UnreadableImage(InputError):
    """The file cannot be read as an image.

    The message is one sentence that names the file. code: `missing` if it does not exist.
    """


class Header(NamedTuple):
    """format: as `ImageFile.format`. width, height: as stored, before EXIF orientation."""

    format: str
    width: int
    height: int


class ImageFile:
    """data: the file's bytes. name: file name. format: `JPEG`, `PNG`, `WEBP`, `GIF`, `BMP`, `TIFF`, `AVIF` or `HEIF`.

    width, height: as stored, before EXIF orientation. mode: Pillow's mode as stored. bits: bits per channel.
    info, exif: Pillow's; `exif` is empty where broken. orientation: 1..8. frames: at most 10,000 are counted.
    stored: uint8 (H, W, 3) in the file's own orientation. rgb: the same pixels upright, a view.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.extension = Path(name).suffix.lower().lstrip(".")
        self.info: dict[Any, Any] = {}
        self._cache: dict[Callable[[ImageFile], Any], Any] = {}
        with unreadable_as_sentence(name):
            self._read()

    @classmethod
    def open(cls, path: Path | str) -> ImageFile:
        """Raises UnreadableImage: missing, a folder, empty, not an image, too large, damaged."""
        path = Path(path)
        return cls(read_bytes(path), path.name)

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> ImageFile:
        return cls(data, name)

    @staticmethod
    def header(data: bytes, name: str) -> Header:
        """Format and size without decoding a pixel. Raises UnreadableImage if the header already violates a limit."""
        with unreadable_as_sentence(name):
            return _checked_header(data, name)[0]

    @staticmethod
    def decode(data: bytes, name: str) -> tuple[Header, Image.Image]:
        """The image as Pillow decodes it (pixels as stored), where its own mode is needed instead of RGB.

        Raises UnreadableImage as `open` does.
        """
        with unreadable_as_sentence(name):
            header, image = _checked_header(data, name)
            image.load()
            return header, image

    def _read(self) -> None:
        header, image = _checked_header(self.data, self.name)
        format_name, self.width, self.height = header
        self.format, self.mode = format_name, image.mode
        tiff_orientation = _orientation(_exif(image)[0]) if format_name == "TIFF" else 0
        image.load()
        self.frames = decoders.frame_count(self.data, image)
        self.bits = decoders.bits_per_channel(self.data, format_name, image)
        self.info, self.channels = dict(image.info), len(image.getbands())
        self.has_alpha = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
        self.exif, self.exif_error = _exif(image)
        _load_all(self.exif)
        self.orientation = _orientation(self.exif)
        pixels = to_rgb8(image)
        pixels.setflags(write=False)
        if (
            tiff_orientation and tiff_orientation != self.orientation
        ):  # Pillow rotates a TIFF while loading it and drops the tag
            self.orientation = tiff_orientation
            self.stored, self.rgb = (
                apply_orientation(pixels, INVERSE_ORIENTATION.get(tiff_orientation, tiff_orientation)),
                pixels,
            )
            self.height, self.width = self.stored.shape[:2]
        else:
            self.stored, self.rgb = pixels, apply_orientation(pixels, self.orientation)

    @cached_property
    def jpeg(self) -> JpegFile:
        """Structure of a JPEG; for other formats, a record whose `problem` says so."""
        return read_jpeg(self.data)

    @cached_property
    def png(self) -> PngFile:
        """Chunks and texts of a PNG; none for other formats."""
        return read_png(self.data)

    @cached_property
    def trailing_bytes(self) -> int | None:
        """Bytes after the end of the container; None if the format does not define an end."""
        parsed = self.jpeg if self.format == "JPEG" else self.png if self.format == "PNG" else None
        return decoders.trailing_bytes(self.data, self.format, parsed.end if parsed and parsed.has_end else None)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def cached(self, function: Callable[[ImageFile], Shared]) -> Shared:
        """`function(self)`, computed once and cached: how feature groups share intermediate results
        (`features/signals/shared.py`).
        """
        if function not in self._cache:
            result = function(self)
            if isinstance(result, np.ndarray):
                result.setflags(write=False)
            self._cache[function] = result
        shared: Shared = self._cache[function]
        return shared

    def set_cached(self, function: Callable[[ImageFile], Any], value: object) -> None:
        """Set what `cached(function)` returns, for values known from another source, such as a sidecar file."""
        self._cache[function] = value

    def centre_crop(self, n: int) -> np.ndarray:
        """uint8 view of `rgb`: central crop at native resolution, at most n px a side, its corner on the 8-px grid."""
        return _centre_crop(self.rgb, n)

    def luma_crop(self, n: int) -> np.ndarray:
        """Luma of `centre_crop`, float32 0..255."""
        return luma(_centre_crop(self.rgb, n))

    def stored_luma_crop(self, n: int) -> np.ndarray:
        """As `luma_crop`, in the file's own orientation, so that a JPEG's block grid starts at the crop's corner."""
        return luma(_centre_crop(self.stored, n))


def read_bytes(path: Path | str, regular: bool = False) -> bytes:
    """Content of a file. Raises UnreadableImage if it is missing (code `missing`), a folder or too large.

    regular: also refuse pipes and devices, which may never end.
    """
    path = Path(path)
    try:
        status = os.stat(path)
        if regular and not stat.S_ISREG(status.st_mode):
            raise UnreadableImage(f"{path} cannot be read: it is not a regular file.")
        if status.st_size > MAX_BYTES:
            raise _too_many_bytes(path.name, status.st_size)
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: a null byte in the name
        if isinstance(problem, UnreadableImage):
            raise
        code = "missing" if isinstance(problem, FileNotFoundError) else ""
        reason = getattr(problem, "strerror", None) or problem
        raise UnreadableImage(f"{path} cannot be read: {reason}.", code=code) from problem


@contextlib.contextmanager
def unreadable_as_sentence(name: str) -> Iterator[None]:
    """Converts any error of a decoder to UnreadableImage with one sentence about the file `name`."""
    try:
        yield
    except UnreadableImage:
        raise
    except MemoryError as problem:
        raise UnreadableImage(f"{name} needs more memory to decode than is available.") from problem
    except Exception as problem:  # decoders raise all kinds of errors
        raise UnreadableImage(f"{name} is damaged or truncated: {_reason(problem)}") from problem


def _checked_header(data: bytes, name: str) -> tuple[Header, Image.Image]:
    """The header, and the image before its pixels are decoded. Raises UnreadableImage if a limit is exceeded."""
    if not data:
        raise UnreadableImage(f"{name} is empty (0 bytes).")
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(name, len(data))
    kind = sniff(data)
    if kind is None:
        raise UnreadableImage(f"{name} is not an image in a supported format ({', '.join(LABELS)}).")
    if kind == "HEIF":
        decoders.register_heif()
    try:
        image = Image.open(BytesIO(data), formats=decoders.PILLOW_DECODERS[kind])
    except Image.DecompressionBombError as problem:
        raise UnreadableImage(f"{name} is too large: its header claims more than {MAX_PIXELS:,} pixels.") from problem
    except UnidentifiedImageError:
        if kind == "PNG":  # truncated after the header: the size it claims is the better message
            _check_size(*png_size(data), name)
        raise
    width, height = image.size
    _check_size(width, height, name)
    if width < 1 or height < 1:
        raise UnreadableImage(f"{name} has no pixels ({width} x {height}).")
    decoders.refuse_slow_jpeg(data, kind, width * height, UnreadableImage, name)
    return Header(kind, width, height), image


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadableImage(f"{name} is too large: {width} x {height} pixels, at most {MAX_PIXELS:,} are read.")


def _too_many_bytes(name: str, size: int) -> UnreadableImage:
    return UnreadableImage(f"{name} has {size:,} bytes; at most {MAX_BYTES:,} are read.")


def _centre_crop(pixels: np.ndarray, n: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    top, left = max(0, height - n) // 2 // 8 * 8, max(0, width - n) // 2 // 8 * 8
    return pixels[top : top + n, left : left + n]


def _exif(image: Image.Image) -> tuple[Image.Exif, str]:
    try:
        return image.getexif(), ""
    except Exception as problem:  # broken EXIF does not make the image unreadable; the metadata group reports it
        return Image.Exif(), _reason(problem)


def _load_all(exif: Image.Exif) -> None:
    """Read every block and tag now: Pillow reads them lazily, and two concurrent threads would lose tags."""
    for block in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.IFD1):
        with contextlib.suppress(Exception):  # a broken block counts as absent
            _load_tags(exif.get_ifd(block))
    _load_tags(exif)


def _load_tags(tags: Mapping[int, Any]) -> None:
    for tag in list(tags):
        with contextlib.suppress(Exception):  # an unreadable tag stays unread
            tags[tag]


def _orientation(exif: Image.Exif) -> int:
    try:
        value = int(exif.get(0x0112, 1))
    except (TypeError, ValueError, OverflowError, SyntaxError, KeyError, IndexError):
        return 1
    return value if 1 <= value <= 8 else 1


def _reason(problem: BaseException) -> str:
    if isinstance(problem, UnidentifiedImageError):
        return "its header is not valid."
    text = " ".join(str(problem).split())[:200] or type(problem).__name__
    if text.startswith("decoder error"):
        return "its image data cannot be decoded."
    return text if text.endswith(".") else text + "."
