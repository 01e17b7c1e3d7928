"""Residuals of the spatial rich model (steganalysis) and co-occurrences of their truncated values.

Fridrich and Kodovsky, Rich Models for Steganalysis of Digital Images, IEEE TIFS 2012: a residual is what neighbouring
pixels fail to predict, R = prediction - c * pixel; it is quantised, round(R / (c * q)) with q = 1, and truncated to
-T..T with T = 2. Used here: first and second order along rows and columns (c = 1 and 2) and the 3 x 3 square (KB,
c = 4). Instead of four samples in a row, a sample and its right and lower neighbours are counted: 125 cells that
cover both pairs and are filled by images of a thousand pixels. From 250 rows on, every third row is counted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals.histograms import counts, luma_levels

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

TRUNCATION = 2
VALUES = 2 * TRUNCATION + 1
MIN_ROWS_TO_SKIP = 250  # rows
ROW_STEP = 3  # samples every row of 8 x 8 JPEG blocks in turn, unlike 2


def first_order(level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int16 (h, w - 1), (h - 1, w): next pixel minus this one, along rows and along columns, of int16 levels."""
    return level[:, 1:] - level[:, :-1], level[1:] - level[:-1]


def second_difference(values: np.ndarray, axis: int) -> np.ndarray:
    """int16, two samples shorter along `axis`: x[k - 1] - 2 x[k] + x[k + 1]."""
    if axis == 0:
        difference = values[:-2] + values[2:]
        centre = values[1:-1]
    else:
        difference = values[:, :-2] + values[:, 2:]
        centre = values[:, 1:-1]
    difference -= centre
    difference -= centre
    return difference


def signed_levels(image: ImageFile) -> np.ndarray:
    """int16 (h, w): integer levels of luma."""
    return image.cached(luma_levels).astype(np.int16)


def row_residual(image: ImageFile) -> np.ndarray:
    """int16 (h, w - 2): second-order residual along rows."""
    return second_difference(image.cached(signed_levels), 1)


def square_residual(image: ImageFile) -> np.ndarray:
    """int16 (h - 2, w - 2): the 3 x 3 residual [-1 2 -1; 2 -4 2; -1 2 -1], at most 2040 either way."""
    return -second_difference(image.cached(row_residual), 0)


def square_codes(image: ImageFile) -> np.ndarray:
    """uint8 (h - 2, w - 2): `square` quantised and truncated, plus T."""
    return truncate(image.cached(square_residual), 4)


def truncate(residual: np.ndarray, c: int) -> np.ndarray:
    """uint8 0..2T: T plus round(residual / c), halves away from zero, clipped to -T..T. residual: int16; c: 1, 2 or 4."""
    import cv2

    limit = np.int16(TRUNCATION * c)  # from here on every residual rounds to at least T
    codes = residual.clip(-limit, limit)
    codes += limit
    codes = codes.astype(np.uint8)
    return codes if c == 1 else cv2.LUT(codes, _rounded(c)).reshape(codes.shape)


@lru_cache(maxsize=4)
def _rounded(c: int) -> np.ndarray:
    residual = np.arange(256) - TRUNCATION * c
    return (
        (TRUNCATION + np.sign(residual) * np.minimum(TRUNCATION, (2 * np.abs(residual) + c) // (2 * c)))
        .clip(0, 2 * TRUNCATION)
        .astype(np.uint8)
    )


def triple_counts(here: np.ndarray, right: np.ndarray, below: np.ndarray) -> np.ndarray:
    """float64 (5, 5, 5): co-occurrence counts of codes 0..4, [here, right, below]; three uint8 arrays of one shape."""
    code = here * np.uint8(VALUES)
    code += right
    code *= np.uint8(VALUES)
    code += below
    return counts(code, VALUES**3).reshape(VALUES, VALUES, VALUES)


def neighbour_counts(codes: np.ndarray) -> np.ndarray:
    """float64 (5, 5, 5): `triple_counts` of each code with its right and lower neighbours; every ROW_STEP-th row of large images."""
    step = row_step(codes)
    return triple_counts(codes[:-1:step, :-1], codes[:-1:step, 1:], codes[1::step, :-1])


def row_step(values: np.ndarray) -> int:
    """1, or ROW_STEP if a third of the rows is enough."""
    return ROW_STEP if values.shape[0] >= MIN_ROWS_TO_SKIP else 1
