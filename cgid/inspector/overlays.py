"""Splits planes into square blocks, maps block values back to pixels, and finds and marks isolated peaks."""

from __future__ import annotations

import numpy as np


def split_blocks(plane: np.ndarray, side: int) -> np.ndarray:
    """(rows, columns, side * side) of a plane (h, w), its last row and column repeated to fill whole blocks.

    The right and lower edges of a view rarely fall on a block boundary; padding includes them, with less data.
    """
    pad_rows, pad_columns = -plane.shape[0] % side, -plane.shape[1] % side
    whole = np.pad(plane, ((0, pad_rows), (0, pad_columns)), mode="edge") if pad_rows or pad_columns else plane
    rows, columns = whole.shape[0] // side, whole.shape[1] // side
    return whole.reshape(rows, side, columns, side).transpose(0, 2, 1, 3).reshape(rows, columns, side * side)


def blocks_to_pixels(values: np.ndarray, side: int, shape: tuple[int, int], top: int = 0, left: int = 0) -> np.ndarray:
    """(h, w) or (h, w, channels): each pixel the value of its block; pixels beyond the blocks take the nearest one.

    side: px of a block. shape: (h, w) of the picture. top, left: where in it the first block begins.
    """
    rows = ((np.arange(shape[0]) - top) // side).clip(0, values.shape[0] - 1)
    columns = ((np.arange(shape[1]) - left) // side).clip(0, values.shape[1] - 1)
    return values[rows][:, columns]


def hatch(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8 (h, w) with thin diagonal lines on black where `mask` (h, w) is true: neither high nor low."""
    lines = np.add.outer(np.arange(picture.shape[0]), np.arange(picture.shape[1])) % 8 == 0
    return np.where(mask, np.where(lines, np.uint8(110), np.uint8(0)), picture)


BACKGROUND_SIDE = 31  # px a side of the neighbourhood
PEAK_SIDE = 9  # px a side of the square in which only the highest counts
_RIM = [
    (y, x)
    for y in range(PEAK_SIDE)
    for x in range(PEAK_SIDE)
    if max(abs(y - PEAK_SIDE // 2), abs(x - PEAK_SIDE // 2)) >= PEAK_SIDE // 2 - 1
]
RING_COLOUR = (64, 224, 255)


def local_excess(plane: np.ndarray, cyclic: bool) -> np.ndarray:
    """float32 (h, w): how far each value lies above the mean of the BACKGROUND_SIDE x BACKGROUND_SIDE px around it.

    cyclic: the plane wraps around, as a spectrum does; otherwise it is mirrored.
    """
    import cv2

    rim = BACKGROUND_SIDE // 2
    wide = cv2.copyMakeBorder(plane, rim, rim, rim, rim, cv2.BORDER_WRAP if cyclic else cv2.BORDER_REFLECT_101)
    return plane - cv2.blur(wide, (BACKGROUND_SIDE, BACKGROUND_SIDE))[rim:-rim, rim:-rim]


def find_peaks(
    excess: np.ndarray, min_height: float, skip: float, max_peaks: int, cyclic: bool
) -> list[tuple[int, int]]:
    """(dy, dx) from the centre (h // 2, w // 2) of at most `max_peaks` peaks of `min_height` or more, highest first.

    A peak is the highest value within PEAK_SIDE x PEAK_SIDE px and exceeds the rim of that square by a third of
    `min_height`, so that the crest of a line is not one. skip: radius in px around the centre that is ignored. Of a
    peak and its mirror image the right one counts, or the lower one if they lie above each other. cyclic: as in
    `local_excess`.
    """
    import cv2

    height, width = excess.shape
    rim = PEAK_SIDE // 2
    wide = cv2.copyMakeBorder(excess, rim, rim, rim, rim, cv2.BORDER_WRAP if cyclic else cv2.BORDER_REFLECT_101)
    largest = cv2.dilate(wide, np.ones((PEAK_SIDE, PEAK_SIDE), np.uint8))[rim:-rim, rim:-rim]
    row, column = np.nonzero((excess >= min_height) & (excess >= largest))
    value = excess[row, column]
    around = np.stack([wide[row + y, column + x] for y, x in _RIM])
    single = value - around.max(axis=0) >= min_height / 3
    dy, dx = row - height // 2, column - width // 2
    # At half the period, a shift to the left equals one to the right.
    dy, dx = (np.where(2 * d == -n, -d, d) if cyclic else d for d, n in ((dy, height), (dx, width)))
    own_mirror = (dx == 0) | (cyclic & (2 * dx == width))
    selected = single & ((dx > 0) & ~own_mirror | own_mirror & (dy >= 0)) & (np.hypot(dy, dx) > skip)
    value, dy, dx = value[selected], dy[selected], dx[selected]
    order = np.lexsort((dx, dy, -value))[:max_peaks]
    return list(zip(dy[order].tolist(), dx[order].tolist()))


def mark_peaks(picture: np.ndarray, peaks: list[tuple[int, int]], scale: int = 1) -> np.ndarray:
    """uint8 RGB copy of a grey or RGB picture with a ring around each peak and its mirror image.

    peaks: as from `find_peaks`. scale: px of the picture per px of the plane.
    """
    import cv2

    marked = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture.copy()
    height, width = picture.shape[0] // scale, picture.shape[1] // scale
    radius = max(4, min(picture.shape[:2]) // 60)
    for dy, dx in peaks:
        for sign in (1, -1):
            at = ((width // 2 + sign * dx) * scale + scale // 2, (height // 2 + sign * dy) * scale + scale // 2)
            cv2.circle(marked, at, radius, (0, 0, 0), max(3, radius // 3))
            cv2.circle(marked, at, radius, RING_COLOUR, max(1, radius // 6))
    return marked
