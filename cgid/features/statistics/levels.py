"""Whole grey levels of an image and exact counts of them: what histograms and co-occurrences are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cgid.features import shared

if TYPE_CHECKING:
    from cgid.features.image import ImageFile


def levels(image: ImageFile) -> np.ndarray:
    """uint8 (h, w): `shared.luma` rounded to whole levels, halves up."""
    return (image.once(shared.luma) + np.float32(0.5)).astype(np.uint8)


def planes(image: ImageFile) -> np.ndarray:
    """uint8 (3, h, w), contiguous: red, green and blue of `shared.pixels`."""
    import cv2

    pixels = image.once(shared.pixels)
    found = np.empty((3, *pixels.shape[:2]), np.uint8)
    for k in range(3):
        cv2.extractChannel(pixels, k, found[k])
    return found


def counts(values: np.ndarray, size: int = 256) -> np.ndarray:
    """float64 (size,): how often 0..size-1 occur in a uint8 array that holds nothing above; exact below 2**24 values.

    OpenCV counts bytes three times as fast as numpy, which first turns each of them into eight.
    """
    import cv2

    if values.size < 8192:
        return np.bincount(values.ravel(), minlength=size).astype(np.float64)
    flat = values if values.ndim == 2 else values.reshape(1, -1)
    return cv2.calcHist([flat], [0], None, [256], [0, 256]).ravel()[:size].astype(np.float64)


def joint_counts(first: np.ndarray, second: np.ndarray, bins: int) -> np.ndarray:
    """float64 (bins, bins): how often a byte of `first` meets one of `second` at the same place; bins divides 256."""
    import cv2

    return cv2.calcHist([first, second], [0, 1], None, [bins, bins], [0, 256, 0, 256]).astype(np.float64)


def entropies(occurrences: np.ndarray) -> np.ndarray:
    """float64 (n,): Shannon entropy in bits of each row of counts (n, m); NaN where nothing was counted."""
    total = occurrences.sum(axis=1, keepdims=True)
    total[total == 0] = np.nan
    share = occurrences / total
    bits = np.log2(np.where(share > 0, share, 1.0))
    bits *= share
    # Logarithms differ between processors in their last digits, which nothing needs.
    return np.abs(bits.sum(axis=1)).round(9)
