"""Compares the EXIF thumbnail with the image: an outdated thumbnail is a sign of editing (Kee and Farid, 2010)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cgid.imaging.decoders import decode_preview
from cgid.imaging.image_file import ImageFile
from cgid.imaging.luma import WEIGHTS
from cgid.metadata.exif import ifd

_OFFSET, _LENGTH = 0x0201, 0x0202
MAX_PIXELS = 1_000_000
MIN_SIDE = 16
COMPARED_SIDE = 48


def exif_thumbnail(image: ImageFile) -> bytes:
    """The JPEG thumbnail of IFD1; empty if there is none or it lies outside the EXIF block."""
    raw = image.info.get("exif")
    tags = ifd(image, "thumbnail")
    offset, length = tags.get(_OFFSET), tags.get(_LENGTH)
    if not isinstance(raw, bytes) or not isinstance(offset, int) or not isinstance(length, int):
        return b""
    start = (6 if raw.startswith(b"Exif\0\0") else 0) + offset
    return raw[start : start + length] if 0 < offset < len(raw) and 0 < length <= len(raw) else b""


def similarity(image: ImageFile) -> float:
    """Correlation -1..1 of the thumbnail's luma with the image's; NaN if there is nothing to compare.

    If aspect ratios differ, cameras pad the thumbnail, crop the image's sides, or squeeze it: the best of the three
    counts. Both are compared at most 48 px wide, so that small shifts and the thumbnail's coarse JPEG matter little.
    """
    small = decode_preview(exif_thumbnail(image), MAX_PIXELS)
    return math.nan if small is None else align(image.stored, small).similarity


@dataclass(frozen=True, slots=True)
class Match:
    """The corresponding parts of image and thumbnail, uint8 (h, w, 3), each at its own size.

    alignment: `whole`, `padded` (the thumbnail has bars) or `trimmed` (the image's sides are cropped). similarity:
    correlation -1..1, or NaN.
    """

    alignment: str
    full: np.ndarray
    small: np.ndarray
    similarity: float


def align(full: np.ndarray, small: np.ndarray) -> Match:
    """The alignment of the thumbnail `small` with the stored image `full` that correlates best."""
    alignments = [("whole", full, small)]
    if min(*small.shape[:2], *full.shape[:2]) < MIN_SIDE:
        return Match(*alignments[0], math.nan)
    if abs(math.log(full.shape[1] * small.shape[0] / (full.shape[0] * small.shape[1]))) > 0.02:
        alignments += [
            ("padded", full, _centre_crop(small, full.shape)),
            ("trimmed", _centre_crop(full, small.shape), small),
        ]
    matches = [Match(*alignment, _correlation(*alignment[1:])) for alignment in alignments]
    return max(matches, key=lambda match: -2 if math.isnan(match.similarity) else match.similarity)


def _centre_crop(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The largest central crop of `picture` with the aspect ratio of `shape`."""
    height, width = picture.shape[:2]
    scale = min(height / shape[0], width / shape[1])
    rows, columns = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    return picture[top : top + rows, left : left + columns]


def _correlation(full: np.ndarray, small: np.ndarray) -> float:
    scale = min(1.0, COMPARED_SIDE / max(small.shape[:2]))
    size = (max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale)))
    a, b = _shrunk(full, size), _shrunk(small, size)
    if min(size) < MIN_SIDE // 2 or a.std() < 2 or b.std() < 2:
        return math.nan
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _shrunk(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """float64 (H, W) luma of `rgb` at the size (W, H); large images are first subsampled."""
    import cv2

    stride = max(1, min(rgb.shape[0] // size[1], rgb.shape[1] // size[0]) // 4)
    small = cv2.resize(np.ascontiguousarray(rgb[::stride, ::stride]), size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float64) @ WEIGHTS
