"""Does the EXIF thumbnail show the same picture? An edit that forgets it gives itself away (Kee and Farid, 2010)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cgid.imaging.decoders import decode_preview
from cgid.imaging.image_file import ImageFile
from cgid.imaging.luma import WEIGHTS
from cgid.metadata.exif import block

_OFFSET, _LENGTH = 0x0201, 0x0202
MOST_PIXELS = 1_000_000
LEAST_SIDE = 16
COMPARED = 48


def thumbnail(image: ImageFile) -> bytes:
    """The JPEG thumbnail of IFD1; empty where there is none or it lies outside the EXIF block."""
    raw = image.info.get("exif")
    tags = block(image, "thumbnail")
    offset, length = tags.get(_OFFSET), tags.get(_LENGTH)
    if not isinstance(raw, bytes) or not isinstance(offset, int) or not isinstance(length, int):
        return b""
    start = (6 if raw.startswith(b"Exif\0\0") else 0) + offset
    return raw[start : start + length] if 0 < offset < len(raw) and 0 < length <= len(raw) else b""


def likeness(image: ImageFile) -> float:
    """Correlation -1..1 of the thumbnail's luma with the picture's; NaN where there is nothing to compare.

    Where their shapes differ, cameras pad the thumbnail, cut the picture's sides, or squeeze it: the best of the three
    counts. Both are compared at most 48 px wide, so that a pixel's shift and the thumbnail's coarse JPEG weigh little.
    """
    small = decode_preview(thumbnail(image), MOST_PIXELS)
    return math.nan if small is None else best_match(image.stored, small).likeness


@dataclass(frozen=True, slots=True)
class Match:
    """The parts of picture and thumbnail that show the same, uint8 (h, w, 3) each of its own size.

    way: `whole`, `padded` (the thumbnail has bars) or `trimmed` (it lacks the picture's sides). likeness: -1..1 or NaN.
    """

    way: str
    full: np.ndarray
    small: np.ndarray
    likeness: float


def best_match(full: np.ndarray, small: np.ndarray) -> Match:
    """How the thumbnail `small` lies over the picture `full` as stored."""
    ways = [("whole", full, small)]
    if min(*small.shape[:2], *full.shape[:2]) < LEAST_SIDE:
        return Match(*ways[0], math.nan)
    if abs(math.log(full.shape[1] * small.shape[0] / (full.shape[0] * small.shape[1]))) > 0.02:
        ways += [("padded", full, _middle(small, full.shape)), ("trimmed", _middle(full, small.shape), small)]
    found = [Match(*way, _correlation(*way[1:])) for way in ways]
    return max(found, key=lambda match: -2 if math.isnan(match.likeness) else match.likeness)


def _middle(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The largest central part of `picture` that has the proportions of `shape`."""
    height, width = picture.shape[:2]
    scale = min(height / shape[0], width / shape[1])
    rows, columns = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    top, left = (height - rows) // 2, (width - columns) // 2
    return picture[top : top + rows, left : left + columns]


def _correlation(full: np.ndarray, small: np.ndarray) -> float:
    scale = min(1.0, COMPARED / max(small.shape[:2]))
    size = (max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale)))
    a, b = _shrunk(full, size), _shrunk(small, size)
    if min(size) < LEAST_SIDE // 2 or a.std() < 2 or b.std() < 2:
        return math.nan
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _shrunk(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """float64 (H, W) luma of `rgb` at the size (W, H); of a large picture every n-th pixel is enough."""
    import cv2

    every = max(1, min(rgb.shape[0] // size[1], rgb.shape[1] // size[0]) // 4)
    small = cv2.resize(np.ascontiguousarray(rgb[::every, ::every]), size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float64) @ WEIGHTS
