"""Does the EXIF thumbnail show the same picture? An edit that forgets it gives itself away (Kee and Farid, 2010)."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
from PIL import Image

from cgid.features.image import ImageFile
from cgid.features.parsers.exif_facts import block

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
    raw = thumbnail(image)
    if not raw:
        return math.nan
    try:
        opened = Image.open(BytesIO(raw), formats=("JPEG",))
        if opened.width * opened.height > MOST_PIXELS:
            return math.nan
        small = np.asarray(opened.convert("RGB"))
    except Exception:  # a broken thumbnail is one that says nothing
        return math.nan
    full = image.stored
    if min(*small.shape[:2], *full.shape[:2]) < LEAST_SIDE:
        return math.nan
    pairs = [(full, small)]
    if abs(math.log(full.shape[1] * small.shape[0] / (full.shape[0] * small.shape[1]))) > 0.02:
        pairs += [(full, _middle(small, full.shape)), (_middle(full, small.shape), small)]
    found = [_correlation(*pair) for pair in pairs]
    return max((f for f in found if not math.isnan(f)), default=math.nan)


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
    return small.astype(np.float64) @ (0.299, 0.587, 0.114)
