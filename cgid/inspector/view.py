"""The part of a picture that lies on the bench: pixels as they are stored, never resized, and the way back upright.

Where a view lies in the upright picture: for the read-out of coordinates and the frame in the overview.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import numpy as np

from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.imaging.luma import luma
from cgid.imaging.rgb import turned

GRID = 8  # px: a view begins on the JPEG block grid
SIDE = 1536  # px a side of a view unless asked otherwise
MOST_PIXELS = 16_000_000

Made = TypeVar("Made")


class View:
    """left, top, width, height: in the file's own orientation, left and top multiples of 8.

    stored: uint8 (height, width, 3), as stored, so that a JPEG's blocks start at its corner. rgb: the same upright, what
    people see. Filters that need the block grid work on `stored` and give their picture back through `upright`.
    """

    def __init__(self, image: ImageFile, left: int = 0, top: int = 0, side: int | None = SIDE) -> None:
        """side: px; None for the whole picture. A part that would reach over the edge is moved inside.

        Raises InputError where that has more than MOST_PIXELS.
        """
        full_height, full_width = image.stored.shape[:2]
        self.image = image
        self.width, self.height = min(side or full_width, full_width), min(side or full_height, full_height)
        if self.width * self.height > MOST_PIXELS:
            what = "The whole picture" if side is None else f"A part of {side:,} px a side"
            raise InputError(
                f"{what} has {self.width * self.height / 1e6:.0f} megapixels; the bench takes "
                f"{MOST_PIXELS / 1e6:.0f} at once. Choose a part of it."
            )
        self.left = max(0, min(left, full_width - self.width)) // GRID * GRID
        self.top = max(0, min(top, full_height - self.height)) // GRID * GRID
        self._made: dict[Callable, object] = {}

    @classmethod
    def at(cls, image: ImageFile, across: float, down: float, side: int | None = SIDE) -> View:
        """The part around a point of the upright picture. across, down: 0..1 from its left and top edge."""
        if image.orientation in (5, 6, 7, 8):
            x, y = down, across
        else:
            x, y = across, down
        if image.orientation in (2, 3, 7, 8):
            x = 1 - x
        if image.orientation in (3, 4, 6, 7):
            y = 1 - y
        height, width = image.stored.shape[:2]
        half = (side or 0) / 2
        return cls(image, int(x * width - half), int(y * height - half), side)

    @property
    def whole(self) -> bool:
        return (self.height, self.width) == self.image.stored.shape[:2]

    @cached_property
    def stored(self) -> np.ndarray:
        return self.image.stored[self.top : self.top + self.height, self.left : self.left + self.width]

    @cached_property
    def rgb(self) -> np.ndarray:
        """uint8, upright, contiguous, read-only."""
        pixels = np.ascontiguousarray(self.upright(self.stored))
        pixels.setflags(write=False)
        return pixels

    @cached_property
    def luma(self) -> np.ndarray:
        """float32 of `rgb`'s height and width, 0..255, Rec. 601."""
        return luma(self.rgb)

    @cached_property
    def stored_luma(self) -> np.ndarray:
        """float32 (height, width), as stored."""
        return luma(self.stored)

    def upright(self, stored: np.ndarray) -> np.ndarray:
        """A picture of `stored`'s size turned as people see it."""
        return turned(stored, self.image.orientation)

    def once(self, make: Callable[[View], Made]) -> Made:
        """`make(self)`, computed the first time and kept, so that a moved slider does not repeat it."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[return-value]


TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
FROM_RIGHT, FROM_BELOW = (2, 3, 7, 8), (3, 4, 6, 7)  # stored columns, rows that run against the upright ones


def upright_box(view: View) -> tuple[int, int, int, int]:
    """left, top, width, height in px of the picture as people see it."""
    full_height, full_width = view.image.stored.shape[:2]
    orientation = view.image.orientation
    left = full_width - view.left - view.width if orientation in FROM_RIGHT else view.left
    top = full_height - view.top - view.height if orientation in FROM_BELOW else view.top
    if orientation in TURNED:
        return top, left, view.height, view.width
    return left, top, view.width, view.height
