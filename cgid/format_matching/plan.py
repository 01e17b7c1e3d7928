"""What a treatment does alike to every image, settled from the whole set before any pixel is changed.

The files are only looked at here: size, and of a JPEG the quality its tables speak of. The crop is settled by both
classes alike; the qualities come from the real side, as they were found there (SCIENCE section 2, treatment d).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cgid.errors import InputError
from cgid.fileformat import jpeg as fileformat_jpeg
from cgid.fileformat import quantisation_tables
from cgid.imaging.image_file import ImageFile, UnreadableImage, read_bytes
from cgid.imaging.jpeg_encode import SUBSAMPLINGS

MOST = 0.9  # share of the images of either class that must hold the crop
STEP = 8  # pixels: sides of the crop are whole JPEG blocks
SHIFT = 7  # pixels by which the crop may move against the blocks of an earlier JPEG, so images need so many more
# Where no real file tells a quality: the range in which photographs are usually saved, each quality as often.
FALLBACK = tuple((quality, "4:2:0") for quality in range(75, 96))


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
        data = read_bytes(path, regular=True)
        header = ImageFile.header(data, os.path.basename(path))
    except UnreadableImage as problem:
        return Look("missing" if problem.code == "missing" else "unreadable", str(problem))
    quality, subsampling = _coding(data) if header.format == "JPEG" else (0, "")
    size = (header.width, header.height)
    return Look("", "", hashlib.sha256(data).hexdigest(), *size, header.format, quality, subsampling)


def _coding(data: bytes) -> tuple[int, str]:
    jpeg = fileformat_jpeg.read(data)
    if jpeg.luma_table is None:
        return 0, ""
    found = jpeg.subsampling
    return quantisation_tables.nearest_quality(jpeg.luma_table)[0], found if found in SUBSAMPLINGS else "4:2:0"


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
