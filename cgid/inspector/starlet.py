"""The starlet transform: an undecimated wavelet transform that splits an image into detail layers that sum to it.

Starck, Fadili and Murtagh, IEEE TIP 16(2), 2007: the isotropic undecimated ("à trous") transform with a B3 spline. It
accepts any size and is shift-invariant, so that thresholding leaves no blocks or rings of its own.
"""

from __future__ import annotations

import numpy as np

from cgid.evaluate.robust import mad_std

# Standard deviation of each layer for white noise of standard deviation 1.
NOISE_GAINS = (0.8908, 0.2007, 0.0856, 0.0413, 0.0205)
_SPLINE = np.array([1, 4, 6, 4, 1], np.float32) / 16


def decompose(plane: np.ndarray, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """(`count` layers of detail, the smooth rest), float32 (h, w) each; their sum is `plane`. count: 1..5."""
    import cv2

    details, smooth = [], np.ascontiguousarray(plane, np.float32)
    for level in range(count):
        kernel = np.zeros(4 * 2**level + 1, np.float32)
        kernel[:: 2**level] = _SPLINE
        # OpenCV mirrors only once, so images smaller than the kernel repeat their edge.
        border = cv2.BORDER_REFLECT if min(smooth.shape) > len(kernel) // 2 else cv2.BORDER_REPLICATE
        coarser: np.ndarray = cv2.sepFilter2D(smooth, cv2.CV_32F, kernel, kernel, borderType=border).reshape(
            plane.shape
        )
        details.append(smooth - coarser)
        smooth = coarser
    return details, smooth


def noise_level(finest: np.ndarray) -> float:
    """Standard deviation of the noise in levels, from the median magnitude of the finest layer (Donoho's estimate)."""
    return mad_std(finest[::2, ::2], centre=0.0) / NOISE_GAINS[0]


def threshold_layer(detail: np.ndarray, threshold: float, soft: bool) -> np.ndarray:
    """Hard or soft thresholding of a layer: values below the threshold become 0."""
    size = np.abs(detail)
    if soft:
        return np.sign(detail) * np.maximum(size - np.float32(threshold), 0)
    return np.where(size > threshold, detail, np.float32(0))
