"""Finds single peaks above their surroundings in a plane that is symmetric about its middle, and rings them."""

from __future__ import annotations

import numpy as np

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
