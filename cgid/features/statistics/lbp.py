"""Local binary patterns: which of a pixel's eight neighbours are at least as bright as it, as one byte.

Ojala, Pietikainen, Maenpaa, Multiresolution gray-scale and rotation invariant texture classification with local binary
patterns, IEEE TPAMI 2002. The neighbours are the pixels around (radius 1 in the chessboard sense), not interpolated.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Once around, so that neighbouring bits are neighbouring pixels: (row, column), the first one becomes the highest bit.
AROUND = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))


def patterns(level: np.ndarray) -> np.ndarray:
    """uint8 (h - 2, w - 2) of uint8 (h, w), both sides at least 3: bit set = neighbour >= centre."""
    height, width = level.shape
    centre = level[1:-1, 1:-1]
    code = np.zeros(centre.shape, np.uint8)
    bit = np.empty(centre.shape, np.bool_)
    for row, column in AROUND:
        np.greater_equal(level[1 + row : height - 1 + row, 1 + column : width - 1 + column], centre, out=bit)
        code += code
        code += bit.view(np.uint8)
    return code


@lru_cache(maxsize=1)
def transitions() -> np.ndarray:
    """int (256,): how often the bits of a pattern change once around; at most 2 makes it `uniform`."""
    bits = _bits()
    return (bits != np.roll(bits, 1, axis=1)).sum(axis=1)


@lru_cache(maxsize=1)
def ones() -> np.ndarray:
    """int (256,): how many neighbours are at least as bright."""
    return _bits().sum(axis=1)


def _bits() -> np.ndarray:
    return (np.arange(256)[:, None] >> np.arange(8)) & 1
