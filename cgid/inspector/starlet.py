"""Splits a picture into layers of detail, fine to coarse, that add up to it again: an undecimated wavelet transform.

Starck, Fadili and Murtagh, IEEE TIP 16(2), 2007: the isotropic undecimated ("à trous") transform with a B3 spline. It
needs no size to be a power of two and shifts with the picture, so that thresholding leaves no blocks or rings of its own.
"""

from __future__ import annotations

import numpy as np

from cgid.evaluate.robust import mad_std

# Standard deviation of each layer of white noise of deviation 1.
OF_NOISE = (0.8908, 0.2007, 0.0856, 0.0413, 0.0205)
_SPLINE = np.array([1, 4, 6, 4, 1], np.float32) / 16


def layers(plane: np.ndarray, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """(`count` layers of detail, the smooth rest), float32 (h, w) each; their sum is `plane`. count: 1..5."""
    import cv2

    details, smooth = [], np.ascontiguousarray(plane, np.float32)
    for level in range(count):
        kernel = np.zeros(4 * 2**level + 1, np.float32)
        kernel[:: 2**level] = _SPLINE
        # Mirrored by hand where the picture is smaller than the kernel: OpenCV mirrors once only.
        border = cv2.BORDER_REFLECT if min(smooth.shape) > len(kernel) // 2 else cv2.BORDER_REPLICATE
        coarser = cv2.sepFilter2D(smooth, cv2.CV_32F, kernel, kernel, borderType=border).reshape(plane.shape)
        details.append(smooth - coarser)
        smooth = coarser
    return details, smooth


def noise_of(finest: np.ndarray) -> float:
    """Standard deviation of the noise in levels, from the median size of the finest layer (Donoho's estimate)."""
    return mad_std(finest[::2, ::2], centre=0.0) / OF_NOISE[0]


def thresholded(detail: np.ndarray, threshold: float, soft: bool) -> np.ndarray:
    """What of a layer stands above the threshold: as it is, or (soft) less the threshold."""
    size = np.abs(detail)
    if soft:
        return np.sign(detail) * np.maximum(size - np.float32(threshold), 0)
    return np.where(size > threshold, detail, np.float32(0))
