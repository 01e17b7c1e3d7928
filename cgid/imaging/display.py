"""Converts planes of values to 8-bit pictures: contrast normalisation, histogram equalisation, colour maps, thumbnails."""

from __future__ import annotations

import numpy as np

MAX_SIDE = 1024


def normalise_contrast(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """uint8 of the same shape: `low` and below become 0, `high` and above 255. A flat range gives 0."""
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    scaled = (np.asarray(values, np.float32) - np.float32(low)) * np.float32(255 / (high - low))
    grey: np.ndarray = np.nan_to_num(scaled, nan=0.0).clip(0, 255).astype(np.uint8)
    return grey


def thumbnail(picture: np.ndarray, side: int = MAX_SIDE) -> np.ndarray:
    """The uint8 picture, reduced by averaging so that neither side exceeds `side` px; never enlarged."""
    import cv2

    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(picture)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


PALETTES = ("heat", "viridis", "rainbow")
PERCENTILE_SAMPLES = 200_000  # values from which percentiles are computed


def percentile_range(values: np.ndarray, outside: float = 0.5) -> tuple[float, float]:
    """The percentiles `outside` and 100 - `outside`, from a regular sample; the minimum and maximum where they
    coincide.
    """
    flat = values.ravel()
    low, high = np.percentile(flat[:: max(1, flat.size // PERCENTILE_SAMPLES)], [outside, 100 - outside])
    if not high > low:
        low, high = flat.min(), flat.max()
    return float(low), float(high)


def normalise_percentiles(values: np.ndarray, outside: float = 0.5) -> np.ndarray:
    """uint8 of the same shape, black to white between the values of `percentile_range`."""
    return normalise_contrast(values, *percentile_range(values, outside))


def equalise_histogram(values: np.ndarray) -> np.ndarray:
    """uint8 of the same shape with an equalised histogram, which makes faint differences visible."""
    import cv2

    return cv2.equalizeHist(
        np.ascontiguousarray(values if values.dtype == np.uint8 else normalise_percentiles(values, 0.05))
    )


def signed_to_grey(values: np.ndarray, full: float) -> np.ndarray:
    """uint8 of the same shape: zero is 128, `full` and above white, its negative black."""
    if not full > 0:
        return np.full(values.shape, 128, np.uint8)
    return (values * np.float32(127 / full) + np.float32(128.5)).clip(0, 255).astype(np.uint8)


def colormap(values: np.ndarray, palette: str = "heat") -> np.ndarray:
    """uint8 (H, W) to uint8 RGB (H, W, 3) by one of PALETTES; the lightness of `heat` and `viridis` rises with the
    value.
    """
    import cv2

    maps = {"heat": cv2.COLORMAP_INFERNO, "viridis": cv2.COLORMAP_VIRIDIS, "rainbow": cv2.COLORMAP_TURBO}
    return cv2.cvtColor(cv2.applyColorMap(np.ascontiguousarray(values), maps[palette]), cv2.COLOR_BGR2RGB)
