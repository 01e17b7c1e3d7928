"""Error levels: how much pixels change when the picture is saved as JPEG once more, and which blocks stand out in that.

Krawetz, A Picture's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007.
"""

from __future__ import annotations

import numpy as np

from cgid.evaluate.robust import mad_std
from cgid.imaging.jpeg_encode import reencode

BLOCK = 16  # px
OUTLIER = 3.0  # robust deviations above the median block that make a block stand out
LEAST_DEVIATION = 0.5  # level; the least deviation counted, so that a flat picture has no outliers


def change(rgb: np.ndarray, quality: int, subsampling: str = "4:2:0") -> np.ndarray:
    """uint8 (H, W, 3): absolute change of each value of uint8 (H, W, 3) through one JPEG of that quality."""
    import cv2

    pixels = np.ascontiguousarray(rgb)
    return cv2.absdiff(pixels, reencode(pixels, quality, subsampling)).reshape(pixels.shape)


def largest(changed: np.ndarray) -> np.ndarray:
    """uint8 (H, W): the largest of the three changes of each pixel, levels of 0..255."""
    import cv2

    red, green, blue = cv2.split(changed)
    return cv2.max(cv2.max(red, green), blue).reshape(changed.shape[:2])


def outlier_share(means: np.ndarray) -> float:
    """Share of blocks, 0..1, whose mean error lies more than OUTLIER robust deviations above the median block's."""
    limit = np.median(means) + OUTLIER * mad_std(means, floor=LEAST_DEVIATION)
    return float((means > limit).mean())
