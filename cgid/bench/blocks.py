"""Lays a picture out in square blocks and a value of each block back over its pixels, edges included."""

from __future__ import annotations

import numpy as np


def in_blocks(plane: np.ndarray, side: int) -> np.ndarray:
    """(rows, columns, side * side) of a plane (h, w), its last row and column repeated to whole blocks.

    A view's right and lower edge seldom lie on a block's: so they are looked at too, if with less to go by.
    """
    down, across = -plane.shape[0] % side, -plane.shape[1] % side
    whole = np.pad(plane, ((0, down), (0, across)), mode="edge") if down or across else plane
    rows, columns = whole.shape[0] // side, whole.shape[1] // side
    return whole.reshape(rows, side, columns, side).transpose(0, 2, 1, 3).reshape(rows, columns, side * side)


def over_pixels(values: np.ndarray, side: int, shape: tuple[int, int], down: int = 0, across: int = 0) -> np.ndarray:
    """(h, w) or (h, w, channels): each pixel its block's value; what lies beyond the blocks takes the nearest one's.

    side: px of a block. shape: (h, w) of the picture. down, across: where in it the first block begins.
    """
    rows = ((np.arange(shape[0]) - down) // side).clip(0, values.shape[0] - 1)
    columns = ((np.arange(shape[1]) - across) // side).clip(0, values.shape[1] - 1)
    return values[rows][:, columns]


def hatched(picture: np.ndarray, unjudged: np.ndarray) -> np.ndarray:
    """uint8 (h, w) with thin diagonal lines on black where `unjudged` (h, w) is true: neither high nor low."""
    lines = np.add.outer(np.arange(picture.shape[0]), np.arange(picture.shape[1])) % 8 == 0
    return np.where(unjudged, np.where(lines, np.uint8(110), np.uint8(0)), picture)
