"""Marks areas without noise: no sensor gives one value to a whole patch, but a brush, a fill or a palette does."""

from __future__ import annotations

from typing import Any

import numpy as np

from cgid.inspector.channels import channel
from cgid.inspector.filter import Filter, FilterResult, Slider
from cgid.inspector.view import View

FLAT, CLIPPED = (235, 60, 160), (250, 190, 0)
STRIPE = 8  # px a period
DARK, BRIGHT = 2, 253


def flat_mask(rgb: np.ndarray, side: int, tolerance: int) -> np.ndarray:
    """bool (h, w): pixels within a square of `side` px in which no channel spans more than `tolerance` levels."""
    import cv2

    square = np.ones((side, side), np.uint8)
    place: dict[str, Any] = {"anchor": (0, 0), "borderType": cv2.BORDER_REPLICATE}
    spans = [cv2.subtract(cv2.dilate(c, square, **place), cv2.erode(c, square, **place)) for c in cv2.split(rgb)]
    span = cv2.max(cv2.max(spans[0], spans[1]), spans[2])
    starts = (span <= tolerance).astype(np.uint8)
    starts[max(rgb.shape[0] - side + 1, 0) :] = 0
    starts[:, max(rgb.shape[1] - side + 1, 0) :] = 0
    return cv2.dilate(starts, square, anchor=(side - 1, side - 1)).astype(bool)


def _apply(view: View, side: int, tolerance: int) -> FilterResult:
    is_flat = flat_mask(view.rgb, side, tolerance)
    smallest, largest = channel(view, "smallest of red, green, blue"), channel(view, "largest of red, green, blue")
    clipped = is_flat & ((smallest >= BRIGHT) | (largest <= DARK))
    unclipped = is_flat & ~clipped
    gray = (view.luma * np.float32(0.5) + np.float32(30)).astype(np.uint8)
    picture = np.repeat(gray[..., None], 3, axis=2)
    row, column = np.arange(gray.shape[0])[:, None], np.arange(gray.shape[1])[None, :]
    picture[unclipped] = FLAT
    picture[clipped] = CLIPPED
    picture[clipped & ((row + column) % STRIPE < STRIPE // 2)] = [c // 2 for c in CLIPPED]
    return FilterResult(
        f"{100 * float(unclipped.mean()):.1f} % of the pixels lie in squares of {side} x {side} px without variation beyond "
        f"{tolerance} levels (pink), another {100 * float(clipped.mean()):.1f} % in black or white ones (striped).",
        picture,
    )


FILTER = Filter(
    name="flat_areas",
    title="Uniform areas",
    category="Edges and detail",
    shows="Squares in which all pixels have the same colour, or nearly so.",
    read="In a lossless photo any such patch that is neither black nor white was painted, filled or computed. In a JPEG "
    "look for patches that do not follow the 8 px blocks or are surrounded by noisy ones.",
    cannot="Strong JPEG compression, denoising by phones and overexposed or very dark parts are uniform without any "
    "forgery; graphics are uniform throughout.",
    apply=_apply,
    parameters=(
        Slider("side", "Square", 3, 32, 6, 1, "px"),
        Slider("tolerance", "Tolerance", 0, 8, 0, 1, "levels"),
    ),
)
