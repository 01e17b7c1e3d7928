"""Lays a picture out in square blocks and a value of each block back over its pixels, edges included.

Finds single peaks above their surroundings in a plane that is symmetric about its middle, and rings them.
"""

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


AROUND = 31  # px a side of the surroundings
APART = 9  # px a side of the square in which only the highest counts
_RIM = [
    (y, x)
    for y in range(APART)
    for x in range(APART)
    if max(abs(y - APART // 2), abs(x - APART // 2)) >= APART // 2 - 1
]
RING = (64, 224, 255)


def above_surroundings(plane: np.ndarray, cyclic: bool) -> np.ndarray:
    """float32 (h, w): how far each value lies above the mean of the AROUND x AROUND px about it.

    cyclic: the plane's left side joins its right side and the top the bottom, as in a spectrum; else it is mirrored.
    """
    import cv2

    rim = AROUND // 2
    wide = cv2.copyMakeBorder(plane, rim, rim, rim, rim, cv2.BORDER_WRAP if cyclic else cv2.BORDER_REFLECT_101)
    return plane - cv2.blur(wide, (AROUND, AROUND))[rim:-rim, rim:-rim]


def highest(excess: np.ndarray, least: float, skip: float, most: int, cyclic: bool) -> list[tuple[int, int]]:
    """(down, across) from the middle (h // 2, w // 2) of at most `most` peaks of `least` or more, highest first.

    A peak is the highest within APART x APART px and a third of `least` above all on the rim of that square, so that the
    crest of a line is none. skip: px about the middle that do not count. Of each peak and its mirror image the right
    one, or the lower of two above each other. cyclic: as for `above_surroundings`.
    """
    import cv2

    height, width = excess.shape
    rim = APART // 2
    wide = cv2.copyMakeBorder(excess, rim, rim, rim, rim, cv2.BORDER_WRAP if cyclic else cv2.BORDER_REFLECT_101)
    largest = cv2.dilate(wide, np.ones((APART, APART), np.uint8))[rim:-rim, rim:-rim]
    row, column = np.nonzero((excess >= least) & (excess >= largest))
    value = excess[row, column]
    around = np.stack([wide[row + y, column + x] for y, x in _RIM])
    single = value - around.max(axis=0) >= least / 3
    down, across = row - height // 2, column - width // 2
    # Half way round, a shift to the left is one to the right.
    down, across = (np.where(2 * d == -n, -d, d) if cyclic else d for d, n in ((down, height), (across, width)))
    own_mirror = (across == 0) | (cyclic & (2 * across == width))
    kept = single & ((across > 0) & ~own_mirror | own_mirror & (down >= 0)) & (np.hypot(down, across) > skip)
    value, down, across = value[kept], down[kept], across[kept]
    order = np.lexsort((across, down, -value))[:most]
    return list(zip(down[order].tolist(), across[order].tolist()))


def ringed(picture: np.ndarray, places: list[tuple[int, int]], scale: int = 1) -> np.ndarray:
    """uint8 RGB copy of a grey or RGB picture with a ring about each place and its mirror image.

    places: as from `highest`; scale: px of the picture for one of the plane.
    """
    import cv2

    drawn = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture.copy()
    height, width = picture.shape[0] // scale, picture.shape[1] // scale
    radius = max(4, min(picture.shape[:2]) // 60)
    for down, across in places:
        for sign in (1, -1):
            at = ((width // 2 + sign * across) * scale + scale // 2, (height // 2 + sign * down) * scale + scale // 2)
            cv2.circle(drawn, at, radius, (0, 0, 0), max(3, radius // 3))
            cv2.circle(drawn, at, radius, RING, max(1, radius // 6))
    return drawn
