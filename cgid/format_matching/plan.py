"""Settings of format matching that are the same for every image, determined from the whole set before any image is written.

Files are only inspected here: their size and, for a JPEG, the quality estimated from its quantisation tables. The crop
depends on both classes; the qualities are those of the real photos.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cgid.errors import InputError
from cgid.fileformat import jpeg, quantisation_tables
from cgid.imaging.image_file import ImageFile, UnreadableImage, read_bytes
from cgid.imaging.jpeg_encode import SUBSAMPLINGS

MIN_CROP_FRACTION = 0.9  # of the images of each class must be large enough for the crop
STEP = 8  # pixels: the side of the crop is a whole number of JPEG blocks
SHIFT = 7  # pixels by which the crop may be offset from the blocks of an earlier JPEG; images need this margin
# Where no real file has a known quality: the usual range of photographs, uniformly.
FALLBACK = tuple((quality, "4:2:0") for quality in range(75, 96))


@dataclass(frozen=True, slots=True)
class FileInfo:
    """One file before matching. problem: "" or why it cannot be read. width, height: as stored.

    quality: nearest quality of the reference encoder, 0 where the file is not a JPEG or has no tables. subsampling: of
    its chroma, `4:2:0` where Pillow cannot write it.
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


def inspect_files(paths: list[str]) -> list[FileInfo]:
    """One chunk of parallel work: a FileInfo per path; never raises for a bad file."""
    return [_inspect(path) for path in paths]


def _inspect(path: str) -> FileInfo:
    try:
        data = read_bytes(path, regular=True)
        header = ImageFile.header(data, os.path.basename(path))
    except UnreadableImage as problem:
        return FileInfo("missing" if problem.code == "missing" else "unreadable", str(problem))
    quality, subsampling = _jpeg_coding(data) if header.format == "JPEG" else (0, "")
    size = (header.width, header.height)
    return FileInfo("", "", hashlib.sha256(data).hexdigest(), *size, header.format, quality, subsampling)


def _jpeg_coding(data: bytes) -> tuple[int, str]:
    header = jpeg.read_jpeg(data)
    if header.luma_table is None:
        return 0, ""
    subsampling = header.subsampling
    return quantisation_tables.nearest_quality(header.luma_table)[
        0
    ], subsampling if subsampling in SUBSAMPLINGS else "4:2:0"


def real_qualities(real: Sequence[FileInfo]) -> tuple[tuple[int, str], ...]:
    """(quality, subsampling) of every real JPEG, sorted, so that sampling does not depend on the order of rows; else FALLBACK."""
    return tuple(sorted((one.quality, one.subsampling) for one in real if one.quality)) or FALLBACK


def common_side(sides: Sequence[np.ndarray], requested: int) -> int:
    """Side of the crop: `requested`, or the largest multiple of 8 that fits MIN_CROP_FRACTION of each class with a margin.

    sides: shorter sides in pixels, one array per class. Raises InputError where a class has no image that is large enough.
    """
    if requested:
        if requested < STEP or requested % STEP:
            raise InputError(f"--size must be a multiple of {STEP} from {STEP} up, or 0, not {requested}.")
        side = requested
    else:
        # the k-th largest side fits k images of a class
        common = min(int(np.sort(one)[::-1][int(np.ceil(MIN_CROP_FRACTION * len(one))) - 1]) for one in sides)
        side = (common - SHIFT) // STEP * STEP
        if side < STEP:
            raise InputError(f"Most images are smaller than {STEP + SHIFT} pixels a side; no crop is possible.")
    if any((one < side + SHIFT).all() for one in sides):
        raise InputError(f"No image of one of the classes has {side + SHIFT} pixels a side; choose a smaller --size.")
    return side
