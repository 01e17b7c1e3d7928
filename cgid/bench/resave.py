"""Saves pixels as a JPEG once more and reads them back: what error level analysis and the ghost compare with."""

from __future__ import annotations

from io import BytesIO

import numpy as np

SUBSAMPLING = ("4:4:4", "4:2:2", "4:2:0")


def resaved(rgb: np.ndarray, quality: int, subsampling: str = "4:2:0") -> np.ndarray:
    """uint8 (h, w, 3) as one JPEG of that quality 1..100 leaves it. subsampling: of colour, one of SUBSAMPLING."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(file, formats=("JPEG",))).reshape(rgb.shape)
