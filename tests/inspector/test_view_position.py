"""The box of a view in the upright picture holds exactly the view's pixels, however the file is turned."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector.view import View, upright_box


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_box_holds_what_the_view_shows(orientation: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (72, 120, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    image = ImageFile.from_bytes(buffer.getvalue(), "a.png")
    view = View(image, 16, 32, 30)
    left, top, width, height = upright_box(view)
    assert np.array_equal(image.rgb[top : top + height, left : left + width], view.rgb)
