"""Bit planes on a made picture: a retouched patch in noise, and a letter in the lowest bit."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import FilterResult, all_filters
from cgid.inspector.filters.bit_planes import equal_neighbours
from cgid.inspector.view import View

NOISE = np.random.default_rng(3).integers(0, 256, (128, 160, 3)).astype(np.uint8)


def drawn(pixels: np.ndarray, **given: object) -> FilterResult:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return all_filters()["bit_planes"].run(View(ImageFile.from_bytes(buffer.getvalue(), "made.png")), given)


@pytest.mark.parametrize("bit", [0, 3, 7])
def test_a_bit_is_that_of_the_pixel(bit: int) -> None:
    plane = (NOISE[..., 1] >> bit) & 1
    found = drawn(NOISE, channel="green", bit=bit)
    assert np.array_equal(found.picture, plane * 255)
    assert f"set in {100 * plane.mean():.1f} %" in found.finding


def test_all_lower_bits_are_spread_to_the_whole_range() -> None:
    found = drawn(NOISE, channel="red", bit=2, shown="it and all lower bits")
    assert np.array_equal(found.picture, np.rint((NOISE[..., 0] & 7) * (255 / 7)).astype(np.uint8))


def test_noise_is_alike_by_half_and_a_painted_patch_wholly() -> None:
    plane = NOISE[..., 0] & 1
    by_hand = [
        (plane[r, c] == plane[r, c + 1]) / 2 + (plane[r, c] == plane[r + 1, c]) / 2
        for r, c in ((0, 0), (5, 9), (70, 80))
    ]
    assert [float(equal_neighbours(plane)[p]) for p in ((0, 0), (5, 9), (70, 80))] == by_hand
    share = float(re.search(r"neighbours in ([\d.]+) %", drawn(NOISE).finding).group(1))
    assert share == pytest.approx(50, abs=1.5)
    painted = NOISE.copy()
    painted[40:90, 50:110] = (77, 90, 100)
    likeness = drawn(painted, shown="likeness to neighbours").picture.sum(axis=2)
    assert likeness[65, 80] > 5 * likeness[:15].mean()
