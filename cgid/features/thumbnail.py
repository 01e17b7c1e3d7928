"""Does the EXIF thumbnail show the same picture? An edit that forgets it gives itself away (Kee and Farid, 2010)."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
from PIL import Image

from cgid.features.exif_facts import block
from cgid.features.image import ImageFile

_OFFSET, _LENGTH = 0x0201, 0x0202
MOST_PIXELS = 1_000_000
LEAST_SIDE = 16


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

    Thumbnails are often padded to 4:3: only the centre that a picture of this shape fills is compared.
    """
    raw = thumbnail(image)
    if not raw:
        return math.nan
    try:
        small = Image.open(BytesIO(raw), formats=("JPEG",))
        if small.width * small.height > MOST_PIXELS:
            return math.nan
        small = np.asarray(small.convert("L"), dtype=np.float64)
    except Exception:  # a broken thumbnail is one that says nothing
        return math.nan
    height, width = small.shape
    scale = min(width / image.width, height / image.height)
    fit = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if min(fit) < LEAST_SIDE:
        return math.nan
    left, top = (width - fit[0]) // 2, (height - fit[1]) // 2
    small = small[top : top + fit[1], left : left + fit[0]]
    full = _shrunk(image.stored, fit)
    if full.std() < 2 or small.std() < 2:
        return math.nan
    return float(np.corrcoef(full.ravel(), small.ravel())[0, 1])


def _shrunk(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """float64 (H, W) luma of `rgb` at the size (W, H); of a large picture every n-th pixel is enough."""
    import cv2

    every = max(1, min(rgb.shape[0] // size[1], rgb.shape[1] // size[0]) // 4)
    small = cv2.resize(np.ascontiguousarray(rgb[::every, ::every]), size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float64) @ (0.299, 0.587, 0.114)
