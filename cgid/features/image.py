"""One image file, opened once: bytes, header, EXIF and pixels that every feature group shares.

Hostile files are normal input. A file either becomes an `ImageFile` or raises `UnreadableImage` with one sentence;
nothing else escapes, and the header's size is judged before a single pixel is decoded.

Pixels: first frame, EXIF orientation honoured, 8 bits (`features/pixels.py` says how each mode becomes RGB).
"""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError

from cgid.errors import InputError
from cgid.features.parsers import formats
from cgid.features.pixels import BACK, eight_bit_rgb, turned

MAX_PIXELS = 120_000_000
MAX_BYTES = 512 * 1024 * 1024

# Our own limit is judged right after the header; Pillow's refusal (an error at twice its own limit) stays on.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
# Pillow warns once per broken tag of a hostile TIFF or EXIF block; the image itself is judged, not each tag.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")

# A generator's workflow in compressed PNG text can pass Pillow's limit of 1 MiB; all texts together keep its own of 64.
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 1024 * 1024

Shared = TypeVar("Shared")


class UnreadableImage(InputError):
    """This file gives no image. The message is one clear sentence that names the file."""


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
        if not data:
            raise UnreadableImage(f"{name} is empty (0 bytes).")
        if len(data) > MAX_BYTES:
            raise UnreadableImage(f"{name} has {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
        try:
            self._read()
        except UnreadableImage:
            raise
        except MemoryError as problem:
            raise UnreadableImage(f"{name} needs more memory to decode than there is.") from problem
        except Exception as problem:  # the edge where one image fails: decoders raise all kinds of errors
            raise UnreadableImage(f"{name} is damaged or cut short: {_words(problem)}") from problem

    @classmethod
    def open(cls, path: Path | str) -> ImageFile:
        """Raises UnreadableImage: missing, a folder, empty, not an image, too large, damaged."""
        path = Path(path)
        try:
            if path.is_file() and path.stat().st_size > MAX_BYTES:
                raise UnreadableImage(f"{path.name} has more than {MAX_BYTES:,} bytes, the most that are read.")
            data = path.read_bytes()
        except OSError as problem:
            raise UnreadableImage(f"{path} cannot be read: {problem.strerror or problem}.") from problem
        return cls(data, path.name)

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> ImageFile:
        return cls(data, name)

    def _read(self) -> None:
        found = formats.sniff(self.data)
        if found is None:
            raise UnreadableImage(f"{self.name} is not an image of a kind read here ({', '.join(formats.NAMES)}).")
        if found == "HEIF":
            formats.register_heif()
        try:
            image = Image.open(BytesIO(self.data), formats=formats.PILLOW[found])
        except Image.DecompressionBombError as problem:
            raise UnreadableImage(
                f"{self.name} is too large: its header claims more than {MAX_PIXELS:,} pixels."
            ) from problem
        self.format, self.mode = found, image.mode
        self.width, self.height = image.size
        if self.width * self.height > MAX_PIXELS:
            size = f"{self.width} x {self.height}"
            raise UnreadableImage(f"{self.name} is too large: {size} pixels, at most {MAX_PIXELS:,} are read.")
        if self.width < 1 or self.height < 1:
            raise UnreadableImage(f"{self.name} has no pixels ({self.width} x {self.height}).")
        formats.refuse_slow(self.data, found, self.width * self.height, UnreadableImage, self.name)
        turn = _orientation(_exif(image)[0]) if found == "TIFF" else 0
        image.load()
        self.frames = formats.frames(self.data, image)
        self.bits = formats.bits(self.data, found, image)
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
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def once(self, make: Callable[[ImageFile], Shared]) -> Shared:
        """`make(self)`, computed the first time and kept: how groups share what they all need (`features/shared.py`)."""
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
        return _luma(_centre(self.rgb, n))

    def stored_crop(self, n: int) -> np.ndarray:
        """As `crop`, in the file's own orientation, so that a JPEG's block grid starts at the crop's corner."""
        return _luma(_centre(self.stored, n))


def _centre(pixels: np.ndarray, n: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    top, left = max(0, height - n) // 2 // 8 * 8, max(0, width - n) // 2 // 8 * 8
    return pixels[top : top + n, left : left + n]


def _luma(rgb: np.ndarray) -> np.ndarray:
    """Rec. 601 luma, float32 0..255, summed in one fixed order so that it is the same on every machine."""
    import cv2

    red, green, blue = (cv2.extractChannel(rgb, k).reshape(rgb.shape[:2]) for k in range(3))
    gray = red * np.float32(0.299)
    gray += green * np.float32(0.587)
    gray += blue * np.float32(0.114)
    return gray


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
