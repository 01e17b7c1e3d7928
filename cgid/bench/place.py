"""Where a view lies in the upright picture: for the read-out of coordinates and the frame in the overview."""

from __future__ import annotations

from cgid.bench.view import View

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
