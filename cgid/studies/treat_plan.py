"""What a treatment does alike to every image, settled from the whole set before any pixel is changed.

The files are only looked at here: size, and of a JPEG the quality its tables speak of. The crop is settled by both
classes alike; the qualities come from the real side, as they were found there (SCIENCE section 2, treatment d).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from cgid.errors import InputError
from cgid.features.image import MAX_BYTES, MAX_PIXELS
from cgid.features.parsers import formats, jpeg_file, quantisation

MOST = 0.9  # share of the images of either class that must hold the crop
STEP = 8  # pixels: sides of the crop are whole JPEG blocks
SHIFT = 7  # pixels by which the crop may move against the blocks of an earlier JPEG, so images need so many more
# Where no real file tells a quality: the range in which photographs are usually saved, each quality as often.
FALLBACK = tuple((quality, "4:2:0") for quality in range(75, 96))
SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")  # what Pillow can write


@dataclass(frozen=True, slots=True)
class Look:
    """One file before treatment. problem: "" or why it gives no image. width, height: as stored.

    quality: nearest quality of the reference encoder, 0 where the file is no JPEG or has no tables. subsampling: of its
    chroma, `4:2:0` where it is none that Pillow writes.
    """

    reason: str = ""
    problem: str = ""
    sha256: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    quality: int = 0
    subsampling: str = ""

    @property
    def side(self) -> int:
        return min(self.width, self.height)


def look_at(paths: list[str]) -> list[Look]:
    """One chunk of parallel work; never raises for a bad file."""
    return [_look(path) for path in paths]


def _look(path: str) -> Look:
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            return Look("unreadable", "is not a file")
        if about.st_size > MAX_BYTES:
            return Look("unreadable", f"the file has {about.st_size:,} bytes, at most {MAX_BYTES:,} are read")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Look("missing", "there is no such file")
    except (OSError, ValueError) as error:
        return Look("unreadable", f"cannot be read: {getattr(error, 'strerror', None) or error}")
    kind = formats.sniff(data)
    if kind is None:
        return Look("unreadable", f"not an image of a kind read here ({', '.join(formats.NAMES)})")
    try:
        width, height = _size(data, kind)
    except Exception as error:  # the edge where one image fails: decoders raise all kinds of errors
        return Look("unreadable", f"damaged or cut short: {' '.join(str(error).split())[:200]}")
    if not 0 < width * height <= MAX_PIXELS:
        return Look("unreadable", f"{width} x {height} pixels, at most {MAX_PIXELS:,} are read")
    quality, subsampling = _coding(data) if kind == "JPEG" else (0, "")
    return Look("", "", hashlib.sha256(data).hexdigest(), width, height, kind, quality, subsampling)


def _size(data: bytes, kind: str) -> tuple[int, int]:
    from PIL import Image

    if kind == "HEIF":
        formats.register_heif()
    with Image.open(BytesIO(data), formats=formats.PILLOW[kind]) as image:
        return image.size


def _coding(data: bytes) -> tuple[int, str]:
    jpeg = jpeg_file.read(data)
    if jpeg.luma_table is None:
        return 0, ""
    found = jpeg.subsampling
    return quantisation.nearest_quality(jpeg.luma_table)[0], found if found in SUBSAMPLINGS else "4:2:0"


def qualities_of(real: Sequence[Look]) -> tuple[tuple[int, str], ...]:
    """(quality, subsampling) of every real JPEG, sorted, so that a draw does not depend on the rows' order; else FALLBACK."""
    return tuple(sorted((one.quality, one.subsampling) for one in real if one.quality)) or FALLBACK


def common_side(sides: Sequence[np.ndarray], asked: int) -> int:
    """The crop: `asked`, or the largest multiple of 8 that MOST of the images of each class hold with room to move.

    sides: shorter sides in pixels, one array per class. Raises InputError where no image could be kept of a class.
    """
    if asked:
        if asked < STEP or asked % STEP:
            raise InputError(f"--size must be a multiple of {STEP} from {STEP} up, or 0, not {asked}.")
        side = asked
    else:
        # the k-th largest side is what k images of a class hold
        held = min(int(np.sort(one)[::-1][int(np.ceil(MOST * len(one))) - 1]) for one in sides)
        side = (held - SHIFT) // STEP * STEP
        if side < STEP:
            raise InputError(f"Most images are smaller than {STEP + SHIFT} pixels a side; there is nothing to cut out.")
    if any((one < side + SHIFT).all() for one in sides):
        raise InputError(f"No image of one of the classes has {side + SHIFT} pixels a side; choose a smaller --size.")
    return side
