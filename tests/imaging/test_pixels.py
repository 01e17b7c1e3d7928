"""Pixels decoded strip by strip are those decoded at once, in every mode, and a large picture is never held three times."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cgid.imaging import rgb


def made(mode: str) -> Image.Image:
    random = np.random.default_rng(7)
    if mode == "F":
        return Image.fromarray(random.normal(3, 40, (37, 21)).astype(np.float32))
    if mode == "I":
        return Image.fromarray(random.integers(-5, 70_000, (37, 21), dtype=np.int32))
    if mode == "I;16":
        return Image.fromarray(random.integers(0, 65_536, (37, 21), dtype=np.uint16))
    colours = Image.fromarray(random.integers(0, 256, (37, 21, 4), dtype=np.uint8), "RGBA")
    if mode == "LAB":
        return Image.frombytes("LAB", (21, 37), random.integers(0, 256, 37 * 21 * 3, dtype=np.uint8).tobytes())
    if mode == "P":
        image = colours.convert("RGB").quantize(16)
        image.info["transparency"] = 3
        return image
    return colours if mode == "RGBA" else colours.convert("RGB").convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F"])
def test_strips_give_the_same_pixels_as_the_whole(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rgb.to_rgb8(made(mode))
    monkeypatch.setattr(rgb, "STRIP_PIXELS", 100)
    assert np.array_equal(rgb.to_rgb8(made(mode)), whole)


def test_sixteen_bits_are_divided_by_257_and_rounded() -> None:
    values = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    found = rgb.to_rgb8(Image.fromarray(values))[..., 0]
    assert np.array_equal(found, np.round(values / 257).astype(np.uint8))
