"""Error levels: how much pixels change under JPEG recompression, and which blocks stand out.

Krawetz, A Image's Worth: Digital Image Analysis and Forensics, Black Hat USA 2007.
"""

from __future__ import annotations

import numpy as np

from cgid.evaluate.robust import mad_std
from cgid.imaging.jpeg_encode import reencode

BLOCK = 16  # px
OUTLIER_DEVIATIONS = 3.0  # robust deviations above the median block from which a block is an outlier
MIN_DEVIATION = 0.5  # level; minimum of the deviation, so that a uniform image has no outliers


def recompression_error(rgb: np.ndarray, quality: int, subsampling: str = "4:2:0") -> np.ndarray:
    """uint8 (H, W, 3): absolute change of each value of uint8 (H, W, 3) by one JPEG compression of that quality."""
    import cv2

    pixels = np.ascontiguousarray(rgb)
    return cv2.absdiff(pixels, reencode(pixels, quality, subsampling)).reshape(pixels.shape)


def largest_channel(changed: np.ndarray) -> np.ndarray:
    """uint8 (H, W): the largest of the three channel changes of each pixel, levels of 0..255."""
    import cv2

    red, green, blue = cv2.split(changed)
    return cv2.max(cv2.max(red, green), blue).reshape(changed.shape[:2])


def outlier_fraction(means: np.ndarray) -> float:
    """Fraction of blocks, 0..1, whose mean error exceeds the median by more than OUTLIER_DEVIATIONS robust deviations."""
    limit = np.median(means) + OUTLIER_DEVIATIONS * mad_std(means, floor=MIN_DEVIATION)
    return float((means > limit).mean())
