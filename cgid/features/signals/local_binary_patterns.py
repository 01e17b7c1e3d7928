"""Local binary patterns: which of a pixel's eight neighbours are at least as bright as it, as one byte.

Ojala, Pietikainen, Maenpaa, Multiresolution gray-scale and rotation invariant texture classification with local binary
patterns, IEEE TPAMI 2002. The neighbours are the pixels around (radius 1 in the chessboard sense), not interpolated.

Small patches of a picture by their richness of texture, and sums over each of them.

PatchCraft (Zhong et al. 2023, arXiv:2311.12397) sorts patches by the summed absolute differences of neighbouring
pixels in four directions and sets the rich third against the poor one. Its patches have 32 px; here 16, so that a
picture of 32 px still has four. The patches lie side by side from the top left corner; what is left over is not used.
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


SIDE = 16
PAIRS = 2 * SIDE * (SIDE - 1) + 2 * (SIDE - 1) ** 2  # of neighbours inside one patch: across, down, two diagonals


def richness(level: np.ndarray) -> np.ndarray:
    """int64 (H // 16, W // 16): sum over a patch of |difference| of its PAIRS of neighbours. level: uint8 (H, W)."""
    import cv2

    height, width = (side // SIDE * SIDE for side in level.shape)
    level = level[:height, :width]
    across = cv2.absdiff(level[:, 1:], level[:, :-1])
    down = cv2.absdiff(level[1:], level[:-1])
    falling = cv2.absdiff(level[1:, 1:], level[:-1, :-1])
    rising = cv2.absdiff(level[1:, :-1], level[:-1, 1:])
    # A pair that crosses into the next patch belongs to neither of them.
    across[:, SIDE - 1 :: SIDE] = 0
    down[SIDE - 1 :: SIDE] = 0
    total = np.zeros((height, width), np.uint16)
    total[:, :-1] = across
    total[:-1] += down
    falling[SIDE - 1 :: SIDE] = rising[SIDE - 1 :: SIDE] = 0
    falling[:, SIDE - 1 :: SIDE] = rising[:, SIDE - 1 :: SIDE] = 0
    total[:-1, :-1] += falling
    total[:-1, :-1] += rising
    return sums(total)


def sums(values: np.ndarray) -> np.ndarray:
    """int64 (H // 16, W // 16): sum over each patch. values: bool, int8 of -7..7, uint16 up to 4095 or int16 up to 2047."""
    rows, columns = values.shape[0] // SIDE, values.shape[1] // SIDE
    whole = values[: rows * SIDE, : columns * SIDE].view(np.int8) if values.dtype == bool else values
    # Sixteen rows of such values still fit their own type, which numpy adds several times faster than a wider one.
    down = np.add.reduce(whole[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, -1), axis=1, dtype=whole.dtype)
    return down.reshape(rows, columns, SIDE).sum(axis=2, dtype=np.int64)


def thirds(rich: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(poor, rich): flat indices of the third of patches with the least and of that with the most; one at least.

    Equal patches keep their order from the top left corner.
    """
    order = np.argsort(rich.ravel(), kind="stable")
    count = max(1, len(order) // 3)
    return order[:count], order[-count:]
