"""One JPEG encoder: the bytes are Pillow's for every way subsampling used to be named, and come back as pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.imaging.jpeg_encode import encode, reencode
from cgid.imaging.luma import luma

PIXELS = np.random.default_rng(2).integers(0, 256, (37, 53, 3), dtype=np.uint8)


def pillow(quality: int, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, "JPEG", quality=quality, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("quality", [1, 30, 75, 90, 96, 100])
def test_the_bytes_are_pillows(quality: int) -> None:
    assert encode(PIXELS, quality) == pillow(quality) == pillow(quality, subsampling=2)
    assert encode(PIXELS, quality, "4:2:2") == pillow(quality, subsampling=1)
    assert encode(PIXELS, quality, "4:4:4") == pillow(quality, subsampling=0)
    assert encode(PIXELS[::-1], quality) == encode(np.ascontiguousarray(PIXELS[::-1]), quality)


def test_exif_is_written_as_given() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    assert encode(PIXELS, 80, "4:2:2", exif.tobytes()) == pillow(80, subsampling="4:2:2", exif=exif.tobytes())


def test_saved_again_is_encoded_and_decoded() -> None:
    again = np.asarray(Image.open(io.BytesIO(encode(PIXELS, 60, "4:4:4"))))
    assert np.array_equal(reencode(PIXELS, 60, "4:4:4"), again)


def test_luma_of_any_type_is_the_weighted_sum() -> None:
    expected = PIXELS[..., 0] * np.float32(0.299)
    expected += PIXELS[..., 1] * np.float32(0.587)
    expected += PIXELS[..., 2] * np.float32(0.114)
    for kind in (np.uint8, np.int16, np.float32):
        found = luma(PIXELS.astype(kind))
        assert found.dtype == np.float32 and np.array_equal(found, expected)
    assert np.array_equal(luma(PIXELS.swapaxes(0, 1)[::-1]), expected.swapaxes(0, 1)[::-1])
