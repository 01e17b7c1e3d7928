"""Container values against what was written into the file."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image

from cgid.features.groups.container import CODES, GROUP
from cgid.imaging.image_file import ImageFile


def measured(
    kind: str = "PNG", name: str = "a.png", mode: str = "RGB", size=(64, 128), tail: bytes = b"", **options
) -> dict:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return GROUP.compute(ImageFile.from_bytes(buffer.getvalue() + tail, name))


def test_size_and_shape() -> None:
    values = measured(size=(128, 64))
    assert (values["width"], values["height"], values["megapixels"]) == (128, 64, 0.008192)
    assert values["aspect"] == 2
    assert values["bits_per_pixel"] == pytest.approx(8 * values["bytes"] / 8192)
    assert values["sides_multiple_of_64"] == 1
    assert measured(size=(100, 64))["sides_multiple_of_64"] == 0


@pytest.mark.parametrize(
    ("kind", "name", "fits"), [("PNG", "a.PNG", 1), ("PNG", "a.jpg", 0), ("JPEG", "a.jpeg", 1), ("WEBP", "a", 0)]
)
def test_extension_against_content(kind: str, name: str, fits: float) -> None:
    values = measured(kind, name)
    assert values["extension_matches_format"] == fits
    assert values["format_code"] == CODES[kind]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_bytes_after_the_end_are_counted(kind: str) -> None:
    assert measured(kind)["trailing_bytes"] == 0
    assert measured(kind, tail=b"x" * 37)["trailing_bytes"] == 37


def test_no_stated_end_is_missing_not_zero() -> None:
    assert math.isnan(measured("TIFF")["trailing_bytes"])


def test_depth_channels_and_transparency() -> None:
    assert (measured(mode="RGBA")["channels"], measured(mode="RGBA")["has_alpha"]) == (4, 1)
    assert measured(mode="I;16")["bit_depth"] == 16
    assert measured(mode="1")["bit_depth"] == 1
    assert (measured(mode="P")["palette"], measured(mode="L")["grey"], measured()["grey"]) == (1, 1, 0)


def test_icc_profile() -> None:
    assert measured(icc_profile=b"\0" * 200)["icc_bytes"] == 200
    assert measured()["icc_present"] == 0
