"""Turns measurements into pictures for people: stretched to 8 bits, heat colours, at most 1024 px a side."""

from __future__ import annotations

import numpy as np

SIDE = 1024


def stretch(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """uint8 of the same shape: `low` and below become 0, `high` and above 255. A flat range gives 0."""
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    scaled = (np.asarray(values, np.float32) - np.float32(low)) * np.float32(255 / (high - low))
    return np.nan_to_num(scaled, nan=0.0).clip(0, 255).astype(np.uint8)


def fit(picture: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The uint8 picture, averaged down so that neither side exceeds `side` px; never enlarged."""
    import cv2

    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(picture)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def heat(values: np.ndarray) -> np.ndarray:
    """uint8 (H, W) to uint8 RGB (H, W, 3), dark to bright; lightness rises with the value, so colour is not needed."""
    import cv2

    return np.ascontiguousarray(cv2.applyColorMap(values, cv2.COLORMAP_INFERNO)[..., ::-1])
