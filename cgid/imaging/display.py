"""Turns measurements into pictures for people: stretched to 8 bits, heat colours, at most 1024 px a side.

Brings a measured plane to 256 tones that people can tell apart: stretched, equalised, or laid about middle grey.
"""

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


PALETTES = ("heat", "viridis", "rainbow")
SAMPLED = 200_000  # values that a percentile is taken from


def limits(values: np.ndarray, outside: float = 0.5) -> tuple[float, float]:
    """The values that `outside` per cent lie below and above, from an even sample; (0, 0) where all are alike."""
    flat = values.ravel()
    low, high = np.percentile(flat[:: max(1, flat.size // SAMPLED)], [outside, 100 - outside])
    if not high > low:
        low, high = flat.min(), flat.max()
    return float(low), float(high)


def stretched(values: np.ndarray, outside: float = 0.5) -> np.ndarray:
    """uint8 of the same shape, black to white between `limits`."""
    return stretch(values, *limits(values, outside))


def equalised(values: np.ndarray) -> np.ndarray:
    """uint8 of the same shape: as many pixels in each tone as can be, so that faint differences are seen."""
    import cv2

    return cv2.equalizeHist(np.ascontiguousarray(values if values.dtype == np.uint8 else stretched(values, 0.05)))


def about_grey(values: np.ndarray, full: float) -> np.ndarray:
    """uint8 of the same shape: zero is 128, `full` and above white, its negative black."""
    if not full > 0:
        return np.full(values.shape, 128, np.uint8)
    return (values * np.float32(127 / full) + np.float32(128.5)).clip(0, 255).astype(np.uint8)


def coloured(tones: np.ndarray, palette: str) -> np.ndarray:
    """uint8 (h, w) to uint8 RGB (h, w, 3) by one of PALETTES."""
    import cv2

    maps = {"heat": cv2.COLORMAP_INFERNO, "viridis": cv2.COLORMAP_VIRIDIS, "rainbow": cv2.COLORMAP_TURBO}
    return cv2.cvtColor(cv2.applyColorMap(np.ascontiguousarray(tones), maps[palette]), cv2.COLOR_BGR2RGB)
