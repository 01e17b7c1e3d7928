"""Stripes that repeat are found in the spectrum, named by their period and ringed; pictures without them say nothing."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.forensics.evidence.evidence import Material
from cgid.forensics.evidence.kinds.features import find_peaks
from cgid.forensics.maps import all_maps, maps
from cgid.imaging.image_file import ImageFile


def picture(period: float = 0, side: int = 200) -> ImageFile:
    pixels = np.random.default_rng(0).normal(128, 10, (side, side))
    if period:
        pixels += 8 * np.sin(2 * np.pi * np.arange(side) / period)
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
    return ImageFile.from_bytes(buffer.getvalue(), "a.png")


def test_a_stripe_is_told_with_its_period_and_ringed_in_its_map():
    (piece,) = find_peaks(Material(picture(period=5), {}))
    assert "5.00 px across" in piece.sentence and piece.sentence.endswith(".")
    assert piece.points_to == "neither" and piece.strength < 0.1 and piece.limitations.endswith(".") and piece.source
    assert set(piece.maps) <= set(all_maps())
    drawn = maps(picture(period=5), piece.maps)[piece.maps[0]]
    assert drawn.shape == (200, 200, 3) and drawn.dtype == np.uint8


@pytest.mark.parametrize("side", [1, 15, 64, 200])
def test_noise_and_small_pictures_have_none_and_their_map_still_draws(side):
    image = picture(side=side)
    assert find_peaks(Material(image, {})) == []
    assert maps(image, ["spectrum.peaks"])["spectrum.peaks"].dtype == np.uint8
