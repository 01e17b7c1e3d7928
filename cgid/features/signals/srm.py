"""Residuals of steganalysis' spatial rich model, and how often their truncated values stand side by side.

Fridrich and Kodovsky, Rich Models for Steganalysis of Digital Images, IEEE TIFS 2012: a residual is what neighbouring
pixels fail to predict, R = prediction - c * pixel; it is quantised, round(R / (c * q)) with q = 1, and truncated to
-T..T with T = 2. Kept here: first and second order along rows and columns (c = 1 and 2) and the 3 x 3 square (KB,
c = 4). Instead of four samples in a row a sample, its right and its lower neighbour are counted together: 125 cells
that hold both pairs, and are filled by pictures of a thousand pixels. From 250 rows on every third row is counted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.signals.histograms import counts, levels

if TYPE_CHECKING:
    from cgid.imaging.image_file import ImageFile

T = 2
VALUES = 2 * T + 1
MANY = 250  # rows
STEP = 3  # meets every row of JPEG's blocks of 8 in turn, as 2 would not


def first_order(level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int16 (h, w - 1), (h - 1, w): next pixel minus this one, along rows and along columns, of int16 levels."""
    return level[:, 1:] - level[:, :-1], level[1:] - level[:-1]


def second_difference(values: np.ndarray, axis: int) -> np.ndarray:
    """int16, two samples shorter along `axis`: x[k - 1] - 2 x[k] + x[k + 1]."""
    if axis == 0:
        found = values[:-2] + values[2:]
        middle = values[1:-1]
    else:
        found = values[:, :-2] + values[:, 2:]
        middle = values[:, 1:-1]
    found -= middle
    found -= middle
    return found


def signed_levels(image: ImageFile) -> np.ndarray:
    """int16 (h, w): whole levels of luma."""
    return image.once(levels).astype(np.int16)


def across_rows(image: ImageFile) -> np.ndarray:
    """int16 (h, w - 2): second-order residual along rows."""
    return second_difference(image.once(signed_levels), 1)


def square(image: ImageFile) -> np.ndarray:
    """int16 (h - 2, w - 2): the 3 x 3 residual [-1 2 -1; 2 -4 2; -1 2 -1], at most 2040 either way."""
    return -second_difference(image.once(across_rows), 0)


def square_codes(image: ImageFile) -> np.ndarray:
    """uint8 (h - 2, w - 2): `square` quantised and truncated, plus T."""
    return truncated(image.once(square), 4)


def truncated(residual: np.ndarray, c: int) -> np.ndarray:
    """uint8 0..2T: T plus round(residual / c), halves away from zero, cut to -T..T. residual: int16; c: 1, 2 or 4."""
    import cv2

    reach = np.int16(T * c)  # from here on every residual rounds to at least T
    codes = residual.clip(-reach, reach)
    codes += reach
    codes = codes.astype(np.uint8)
    return codes if c == 1 else cv2.LUT(codes, _rounded(c)).reshape(codes.shape)


@lru_cache(maxsize=4)
def _rounded(c: int) -> np.ndarray:
    residual = np.arange(256) - T * c
    return (
        (T + np.sign(residual) * np.minimum(T, (2 * np.abs(residual) + c) // (2 * c))).clip(0, 2 * T).astype(np.uint8)
    )


def triples(here: np.ndarray, right: np.ndarray, below: np.ndarray) -> np.ndarray:
    """float64 (5, 5, 5): how often codes 0..4 stand together, [here, right, below]; three uint8 arrays of one shape."""
    code = here * np.uint8(VALUES)
    code += right
    code *= np.uint8(VALUES)
    code += below
    return counts(code, VALUES**3).reshape(VALUES, VALUES, VALUES)


def neighbours(codes: np.ndarray) -> np.ndarray:
    """float64 (5, 5, 5): `triples` of each code with its right and its lower neighbour; every STEP-th row if many."""
    step = row_step(codes)
    return triples(codes[:-1:step, :-1], codes[:-1:step, 1:], codes[1::step, :-1])


def row_step(values: np.ndarray) -> int:
    """1, or STEP where there are so many rows that a third of them says as much."""
    return STEP if values.shape[0] >= MANY else 1
