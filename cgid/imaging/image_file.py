"""One image file, opened once: bytes, header, EXIF and pixels that every feature group shares.

Hostile files are normal input. A file either becomes an `ImageFile` or raises `UnreadableImage` with one sentence;
nothing else escapes, and the header's size is judged before a single pixel is decoded.

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
from cgid.fileformat import jpeg as fileformat_jpeg
from cgid.fileformat import png as fileformat_png
from cgid.fileformat.sniff import LABELS, png_size, sniff
from cgid.imaging import decoders
from cgid.imaging.limits import MAX_BYTES, MAX_PIXELS, MAX_PNG_TEXT
from cgid.imaging.luma import luma
from cgid.imaging.rgb import BACK, eight_bit_rgb, turned

# Our own limit is judged right after the header; Pillow's refusal (an error at twice its own limit) stays on.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
# Pillow warns once per broken tag of a hostile TIFF or EXIF block; the image itself is judged, not each tag.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")

PngImagePlugin.MAX_TEXT_CHUNK = MAX_PNG_TEXT

Shared = TypeVar("Shared")


class UnreadableImage(InputError):
    """This file gives no image. The message is one clear sentence that names the file. code: `missing` where there is none."""


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
        self.info: dict[str, Any] = {}
        self._made: dict[Callable, Any] = {}
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
        """Format and size without decoding a pixel. Raises UnreadableImage for what the header already gives away."""
        with unreadable_as_sentence(name):
            return _judged(data, name)[0]

    @staticmethod
    def decode(data: bytes, name: str) -> tuple[Header, Image.Image]:
        """The picture as Pillow decodes it (pixels as stored), for what needs its own mode or no RGB.

        Raises UnreadableImage as opening does.
        """
        with unreadable_as_sentence(name):
            header, image = _judged(data, name)
            image.load()
            return header, image

    def _read(self) -> None:
        (kind, self.width, self.height), image = _judged(self.data, self.name)
        self.format, self.mode = kind, image.mode
        turn = _orientation(_exif(image)[0]) if kind == "TIFF" else 0
        image.load()
        self.frames = decoders.frames(self.data, image)
        self.bits = decoders.bits(self.data, kind, image)
        self.info, self.channels = dict(image.info), len(image.getbands())
        self.has_alpha = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
        self.exif, self.exif_error = _exif(image)
        _settle(self.exif)
        self.orientation = _orientation(self.exif)
        pixels = eight_bit_rgb(image)
        pixels.setflags(write=False)
        if turn and turn != self.orientation:  # Pillow turns a TIFF while it loads it, and forgets the tag
            self.orientation = turn
            self.stored, self.rgb = turned(pixels, BACK.get(turn, turn)), pixels
            self.height, self.width = self.stored.shape[:2]
        else:
            self.stored, self.rgb = pixels, turned(pixels, self.orientation)

    @cached_property
    def jpeg(self) -> fileformat_jpeg.JpegFile:
        """How a JPEG is built; of another format, a record whose `problem` says so."""
        return fileformat_jpeg.read(self.data)

    @cached_property
    def png(self) -> fileformat_png.PngFile:
        """Chunks and texts of a PNG; of another format, none."""
        return fileformat_png.read(self.data)

    @cached_property
    def trailing_bytes(self) -> int | None:
        """Bytes after the container's own end; None where the format does not say where it ends."""
        parsed = self.jpeg if self.format == "JPEG" else self.png if self.format == "PNG" else None
        return decoders.trailing_bytes(self.data, self.format, parsed.end if parsed and parsed.has_end else None)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def once(self, make: Callable[[ImageFile], Shared]) -> Shared:
        """`make(self)`, computed the first time and kept: how groups share what they all need (`features/signals/shared.py`)."""
        if make not in self._made:
            found = make(self)
            if isinstance(found, np.ndarray):
                found.setflags(write=False)
            self._made[make] = found
        return self._made[make]

    def give(self, make: Callable[[ImageFile], Shared], value: Shared) -> None:
        """From now on `once(make)` is `value`: for what is known from elsewhere, such as a file beside this one."""
        self._made[make] = value

    def middle(self, n: int) -> np.ndarray:
        """uint8 view of `rgb`: its centre at native resolution, at most n px a side, its corner on the 8-px grid."""
        return _centre(self.rgb, n)

    def crop(self, n: int) -> np.ndarray:
        """Luma of `middle`, float32 0..255."""
        return luma(_centre(self.rgb, n))

    def stored_crop(self, n: int) -> np.ndarray:
        """As `crop`, in the file's own orientation, so that a JPEG's block grid starts at the crop's corner."""
        return luma(_centre(self.stored, n))


def read_bytes(path: Path | str, regular: bool = False) -> bytes:
    """A file's content. Raises UnreadableImage where it is missing (code `missing`), a folder or too large.

    regular: refuse pipes and devices too, whose reading may never end.
    """
    path = Path(path)
    try:
        status = os.stat(path)
        if regular and not stat.S_ISREG(status.st_mode):
            raise UnreadableImage(f"{path} cannot be read: it is not a file.")
        if status.st_size > MAX_BYTES:
            raise _too_many_bytes(path.name, status.st_size)
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: a zero byte in the name
        if isinstance(problem, UnreadableImage):
            raise
        code = "missing" if isinstance(problem, FileNotFoundError) else ""
        words = getattr(problem, "strerror", None) or problem
        raise UnreadableImage(f"{path} cannot be read: {words}.", code=code) from problem


@contextlib.contextmanager
def unreadable_as_sentence(name: str) -> Iterator[None]:
    """Whatever a decoder raises within becomes UnreadableImage with one sentence about the file `name`."""
    try:
        yield
    except UnreadableImage:
        raise
    except MemoryError as problem:
        raise UnreadableImage(f"{name} needs more memory to decode than there is.") from problem
    except Exception as problem:  # the edge where one image fails: decoders raise all kinds of errors
        raise UnreadableImage(f"{name} is damaged or cut short: {_words(problem)}") from problem


def _judged(data: bytes, name: str) -> tuple[Header, Image.Image]:
    """The header, and the picture before its pixels are decoded. Raises UnreadableImage where a limit is passed."""
    if not data:
        raise UnreadableImage(f"{name} is empty (0 bytes).")
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(name, len(data))
    kind = sniff(data)
    if kind is None:
        raise UnreadableImage(f"{name} is not an image of a kind read here ({', '.join(LABELS)}).")
    if kind == "HEIF":
        decoders.register_heif()
    try:
        image = Image.open(BytesIO(data), formats=decoders.PILLOW[kind])
    except Image.DecompressionBombError as problem:
        raise UnreadableImage(f"{name} is too large: its header claims more than {MAX_PIXELS:,} pixels.") from problem
    except UnidentifiedImageError:
        if kind == "PNG":  # one that ends after its header is no image to Pillow; the size it claims says more
            _refuse_size(*png_size(data), name)
        raise
    width, height = image.size
    _refuse_size(width, height, name)
    if width < 1 or height < 1:
        raise UnreadableImage(f"{name} has no pixels ({width} x {height}).")
    decoders.refuse_slow(data, kind, width * height, UnreadableImage, name)
    return Header(kind, width, height), image


def _refuse_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadableImage(f"{name} is too large: {width} x {height} pixels, at most {MAX_PIXELS:,} are read.")


def _too_many_bytes(name: str, size: int) -> UnreadableImage:
    return UnreadableImage(f"{name} has {size:,} bytes; at most {MAX_BYTES:,} are read.")


def _centre(pixels: np.ndarray, n: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    top, left = max(0, height - n) // 2 // 8 * 8, max(0, width - n) // 2 // 8 * 8
    return pixels[top : top + n, left : left + n]


def _exif(image: Image.Image) -> tuple[Image.Exif, str]:
    try:
        return image.getexif(), ""
    except Exception as problem:  # broken EXIF never costs the image; the metadata group reports it
        return Image.Exif(), _words(problem)


def _settle(exif: Image.Exif) -> None:
    """Read every block and tag now: Pillow does so when first asked, and two threads at once would lose tags."""
    for block in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.IFD1):
        with contextlib.suppress(Exception):  # a broken block reads as absent, whoever asks for it
            _settle_tags(exif.get_ifd(block))
    _settle_tags(exif)


def _settle_tags(tags: Mapping[int, Any]) -> None:
    for tag in list(tags):
        with contextlib.suppress(Exception):  # what cannot be read stays so
            tags[tag]


def _orientation(exif: Image.Exif) -> int:
    try:
        value = int(exif.get(0x0112, 1))
    except (TypeError, ValueError, OverflowError, SyntaxError, KeyError, IndexError):
        return 1
    return value if 1 <= value <= 8 else 1


def _words(problem: BaseException) -> str:
    if isinstance(problem, UnidentifiedImageError):
        return "its header makes no sense."
    text = " ".join(str(problem).split())[:200] or type(problem).__name__
    if text.startswith("decoder error"):
        return "its image data cannot be decoded."
    return text if text.endswith(".") else text + "."
