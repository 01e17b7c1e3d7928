"""Statistics of DCT coefficients: mean log magnitude by band, lines of periodic patterns, shape of distributions.

All logarithms are log10(|coefficient| + FLOOR) of orthonormal DCT-II coefficients, in grey levels: white noise of
deviation s has the same expectation, about log10(s) - 0.28, at every frequency and in an image of any size.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

FLOOR = 0.1  # grey levels: above 32-bit arithmetic's error, below 8-bit rounding's deviation of 0.29
GRID = 16  # cells a side into which the plane of frequencies is cut
EDGES = (0, 2, 5, 10, 16, 23, 31)  # bands of cells by row + column, 0 (coarse) to 30 (finest checkerboard)
LOG10 = float(np.log(10))


def whole_dct(gray: np.ndarray) -> np.ndarray:
    """float32 (H, W): coefficients (vertical, horizontal frequency) of the whole image minus its mean."""
    from scipy.fft import dctn

    return dctn(gray - gray.mean(), norm="ortho", workers=1)


def log_size(coefficients: np.ndarray) -> np.ndarray:
    """float32 log10(|c| + FLOOR) of the same shape."""
    size = np.abs(coefficients)
    size += np.float32(FLOOR)
    np.log(size, out=size)
    size *= np.float32(1 / LOG10)
    return size


def cell_means(plane: np.ndarray) -> np.ndarray:
    """float64 (GRID, GRID): means over the cells of a plane (vertical, horizontal frequency) whose sides GRID divides."""
    height, width = plane.shape
    strips = plane.reshape(GRID, height // GRID, width).sum(axis=1)
    sums = strips.reshape(GRID, GRID, width // GRID).sum(axis=2, dtype=np.float64)
    return sums / (height * width / GRID**2)


@lru_cache(maxsize=1)
def _diagonals() -> np.ndarray:
    """(bands, GRID * GRID): weight of each cell in the mean of each band."""
    a, b = np.indices((GRID, GRID))
    inside = [(a + b >= low) & (a + b < high) for low, high in pairwise(EDGES)]
    return np.array([(i / i.sum()).ravel() for i in inside])


def band_means(cells: np.ndarray) -> np.ndarray:
    """float64 (6,): means of `cell_means` over diagonal bands, coarse to fine."""
    return _diagonals() @ cells.ravel()


def horizontal_excess(cells: np.ndarray) -> float:
    """Mean of the cells with higher horizontal than vertical frequency, minus the mean of their mirror images."""
    return float((cells - cells.T)[_above()].mean())


@lru_cache(maxsize=1)
def _above() -> np.ndarray:
    return np.triu(np.ones((GRID, GRID), bool), 1)


def grid_rise(coefficients: np.ndarray) -> float:
    """Rise of the lines at 1/8, 1/4 and 3/8 cycles per pixel above the surrounding lines, in log10 of amplitude.

    coefficients: sides multiples of 16. The root mean square of each line, since a periodic pattern concentrates in few
    of its coefficients. Mean over these lines in both directions of: the line and its two neighbours, minus those 2 to 8
    lines away (fewer in small images). NaN below 32 px a side.
    """
    if min(coefficients.shape) < 32:
        return np.nan
    power = np.square(coefficients)
    rises = []
    for axis in (0, 1):
        profile = np.log10(power.mean(axis=1 - axis).astype(np.float64) + FLOOR**2) / 2
        near, around = _lines(len(profile))
        rises.append(profile[near].mean() - profile[around].mean())
    return float(np.mean(rises))


@lru_cache(maxsize=64)
def _lines(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of n lines: (on the grid or next to it, around these)."""
    away = np.arange(2, min(8, n // 8) + 1)
    lines = np.arange(1, 4)[:, None] * (n // 4)
    return lines + np.arange(-1, 2), lines + np.concatenate([-away, away])


def row_means(planes: np.ndarray) -> np.ndarray:
    """float64 (n,) of float32 (n, m), rows contiguous: numpy then adds pairwise, which is exact enough in 32 bits."""
    return np.add.reduce(planes, axis=1).astype(np.float64) / planes.shape[1]


def excess_kurtosis(planes: np.ndarray) -> np.ndarray:
    """float64 (n,): excess kurtosis of each row of float32 (n, m); 0 Gaussian, 3 Laplacian.

    The unbiased estimator for Gaussian samples (G2 of Joanes and Gill, The Statistician 47(1), 1998), so that it
    does not depend on the image's size. NaN below 4 values and for rows that vary by less than FLOOR.
    """
    count = planes.shape[1]
    if count < 4:
        return np.full(len(planes), np.nan)
    centred = _centred(planes)
    centred *= centred
    square = _varying(centred)
    centred *= centred
    ratio = row_means(centred) / square**2
    return (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * (ratio - 3) + 6)


def size_ratio(planes: np.ndarray) -> np.ndarray:
    """float64 (n,): squared mean size over mean square about the mean of each row; 2/pi Gaussian, 0.5 Laplacian.

    NaN for rows that vary by less than FLOOR.
    """
    centred = _centred(planes)
    size = row_means(np.abs(centred))
    centred *= centred
    return size**2 / _varying(centred)


def _centred(planes: np.ndarray) -> np.ndarray:
    return planes - row_means(planes).astype(np.float32)[:, None]


def _varying(squared: np.ndarray) -> np.ndarray:
    """Means of the rows; NaN where at most FLOOR squared."""
    mean = row_means(squared)
    mean[mean <= FLOOR**2] = np.nan
    return mean
