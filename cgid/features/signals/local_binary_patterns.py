"""Local binary patterns, and texture strength of small patches.

Ojala, Pietikainen, Maenpaa, Multiresolution gray-scale and rotation invariant texture classification with local binary
patterns, IEEE TPAMI 2002: which of a pixel's eight neighbours are at least as bright, as one byte. The
neighbours are the adjacent pixels, not interpolated.

PatchCraft (Zhong et al. 2023, arXiv:2311.12397) sorts patches by the summed absolute differences of neighbouring
pixels in four directions and compares the third with rich texture to that with poor texture. Its patches have 32 px;
here 16, so that an image of 32 px still has four. Patches are adjacent from the top left corner; the rest is not used.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# In circular order, so that adjacent bits are adjacent pixels: (row, column), the first becomes the highest bit.
NEIGHBOURS = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))


def patterns(level: np.ndarray) -> np.ndarray:
    """uint8 (h - 2, w - 2) of uint8 (h, w), both sides at least 3: bit set = neighbour >= centre."""
    height, width = level.shape
    centre = level[1:-1, 1:-1]
    code = np.zeros(centre.shape, np.uint8)
    bit = np.empty(centre.shape, np.bool_)
    for row, column in NEIGHBOURS:
        np.greater_equal(level[1 + row : height - 1 + row, 1 + column : width - 1 + column], centre, out=bit)
        code += code
        code += bit.view(np.uint8)
    return code


@lru_cache(maxsize=1)
def transitions() -> np.ndarray:
    """int (256,): number of bit changes around the circle; at most 2 makes a pattern `uniform`."""
    bits = _bits()
    return (bits != np.roll(bits, 1, axis=1)).sum(axis=1)


@lru_cache(maxsize=1)
def brighter_neighbours() -> np.ndarray:
    """int (256,): number of neighbours at least as bright."""
    return _bits().sum(axis=1)


def _bits() -> np.ndarray:
    return (np.arange(256)[:, None] >> np.arange(8)) & 1


PATCH_SIDE = 16
PAIRS_PER_PATCH = (
    2 * PATCH_SIDE * (PATCH_SIDE - 1) + 2 * (PATCH_SIDE - 1) ** 2
)  # neighbours within a patch: horizontal, vertical, two diagonals


def texture_strength(level: np.ndarray) -> np.ndarray:
    """int64 (H // 16, W // 16): sum of absolute differences of neighbours within each patch. level: uint8 (H, W)."""
    import cv2

    height, width = (side // PATCH_SIDE * PATCH_SIDE for side in level.shape)
    level = level[:height, :width]
    across = cv2.absdiff(level[:, 1:], level[:, :-1])
    down = cv2.absdiff(level[1:], level[:-1])
    falling = cv2.absdiff(level[1:, 1:], level[:-1, :-1])
    rising = cv2.absdiff(level[1:, :-1], level[:-1, 1:])
    # Pairs across patch borders do not count.
    across[:, PATCH_SIDE - 1 :: PATCH_SIDE] = 0
    down[PATCH_SIDE - 1 :: PATCH_SIDE] = 0
    total = np.zeros((height, width), np.uint16)
    total[:, :-1] = across
    total[:-1] += down
    falling[PATCH_SIDE - 1 :: PATCH_SIDE] = rising[PATCH_SIDE - 1 :: PATCH_SIDE] = 0
    falling[:, PATCH_SIDE - 1 :: PATCH_SIDE] = rising[:, PATCH_SIDE - 1 :: PATCH_SIDE] = 0
    total[:-1, :-1] += falling
    total[:-1, :-1] += rising
    return patch_sums(total)


def patch_sums(values: np.ndarray) -> np.ndarray:
    """int64 (H // 16, W // 16): sum over each patch. values: bool, int8 of -7..7, uint16 up to 4095 or int16 up to
    2047.
    """
    rows, columns = values.shape[0] // PATCH_SIDE, values.shape[1] // PATCH_SIDE
    whole = values[: rows * PATCH_SIDE, : columns * PATCH_SIDE].view(np.int8) if values.dtype == bool else values
    # Sums of sixteen rows fit their own type, which numpy adds several times faster than a wider one.
    down = np.add.reduce(
        whole[: rows * PATCH_SIDE, : columns * PATCH_SIDE].reshape(rows, PATCH_SIDE, -1), axis=1, dtype=whole.dtype
    )
    return down.reshape(rows, columns, PATCH_SIDE).sum(axis=2, dtype=np.int64)


def smooth_and_textured(rich: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(smooth, textured): flat indices of the thirds of patches with the least and the most texture; at least one each.

    Ties keep their order from the top left corner.
    """
    order = np.argsort(rich.ravel(), kind="stable")
    count = max(1, len(order) // 3)
    return order[:count], order[-count:]
