"""A view of the bench is the stored pixels of the place that was asked for, upright, on the block grid."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.inspector.view import View


def picture(width: int, height: int, orientation: int = 1) -> ImageFile:
    """Every pixel tells its place: red is its column, green its row, as stored (below 256 px)."""
    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack([columns % 256, rows % 256, np.zeros_like(rows)], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    return ImageFile.from_bytes(buffer.getvalue(), "place.png")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_part_around_a_point_holds_what_lies_there(orientation: int) -> None:
    image = picture(240, 160, orientation)
    height, width = image.rgb.shape[:2]
    view = View.at(image, 0.75, 0.25, side=48)
    there = image.rgb[int(0.25 * height), int(0.75 * width)]
    assert (view.rgb == there).all(axis=-1).any()
    assert view.left % 8 == view.top % 8 == 0
    assert np.array_equal(view.rgb, view.upright(view.stored))


def test_a_part_beyond_the_edge_is_moved_inside() -> None:
    view = View(picture(100, 60), left=500, top=-20, side=40)
    assert (view.left, view.top, view.rgb.shape) == (56, 0, (40, 40, 3))


def test_a_small_picture_is_shown_whole() -> None:
    view = View(picture(3, 1))
    assert view.whole and view.rgb.shape == (1, 3, 3)
    assert view.luma.shape == (1, 3)


def test_too_many_pixels_at_once_are_refused_with_the_way_out() -> None:
    image = picture(8, 8)
    image.stored = np.broadcast_to(np.uint8(0), (5000, 5000, 3))
    with pytest.raises(InputError, match="Choose a part"):
        View(image, side=None)
    with pytest.raises(InputError, match="Choose a part"):
        View(image, side=4500)
    assert View(image).rgb.shape == (1536, 1536, 3)
