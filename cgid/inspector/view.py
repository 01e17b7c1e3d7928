"""The part of an image that the inspector's filters work on: stored pixels, never resized, and their upright position."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np

from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.imaging.luma import luma
from cgid.imaging.rgb import apply_orientation

GRID = 8  # px: views start on the JPEG block grid
SIDE = 1536  # px a side of a view by default
MAX_PIXELS = 16_000_000

Result = TypeVar("Result")


class View:
    """left, top, width, height: in the file's own orientation, left and top multiples of 8.

    stored: uint8 (height, width, 3), as stored, so that a JPEG's blocks start at its corner. rgb: the same pixels
    upright. Filters that need the block grid work on `stored` and return their image through `upright`.
    """

    def __init__(self, image: ImageFile, left: int = 0, top: int = 0, side: int | None = SIDE) -> None:
        """side: px; None for the whole image. A part that would extend beyond the edge is moved inside.

        Raises InputError if the view has more than MAX_PIXELS.
        """
        full_height, full_width = image.stored.shape[:2]
        self.image = image
        self.width, self.height = min(side or full_width, full_width), min(side or full_height, full_height)
        if self.width * self.height > MAX_PIXELS:
            what = "The whole image" if side is None else f"A part of {side:,} px a side"
            raise InputError(
                f"{what} has {self.width * self.height / 1e6:.0f} megapixels; the inspector accepts "
                f"{MAX_PIXELS / 1e6:.0f} at a time. Choose a part of it."
            )
        self.left = max(0, min(left, full_width - self.width)) // GRID * GRID
        self.top = max(0, min(top, full_height - self.height)) // GRID * GRID
        self._cache: dict[Callable, object] = {}

    @classmethod
    def at(cls, image: ImageFile, x_fraction: float, y_fraction: float, side: int | None = SIDE) -> View:
        """The part around a point of the upright image. x_fraction, y_fraction: 0..1 from its left and top edge."""
        if image.orientation in (5, 6, 7, 8):
            x, y = y_fraction, x_fraction
        else:
            x, y = x_fraction, y_fraction
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
        """An image of the size of `stored`, turned upright."""
        return apply_orientation(stored, self.image.orientation)

    def cached(self, function: Callable[[View], Result]) -> Result:
        """`function(self)`, computed once and cached, so that a moved slider does not repeat it."""
        if function not in self._cache:
            self._cache[function] = function(self)
        result: Any = self._cache[function]
        return cast(Result, result)


TRANSPOSED_ORIENTATIONS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
MIRRORED_COLUMNS, MIRRORED_ROWS = (2, 3, 7, 8), (3, 4, 6, 7)  # orientations whose stored columns, rows are reversed


def upright_box(view: View) -> tuple[int, int, int, int]:
    """left, top, width, height in px of the upright image."""
    full_height, full_width = view.image.stored.shape[:2]
    orientation = view.image.orientation
    left = full_width - view.left - view.width if orientation in MIRRORED_COLUMNS else view.left
    top = full_height - view.top - view.height if orientation in MIRRORED_ROWS else view.top
    if orientation in TRANSPOSED_ORIENTATIONS:
        return top, left, view.height, view.width
    return left, top, view.width, view.height
