"""Shorter side scaled, centre cut out: what torchvision's evaluation does, for pictures of any size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2

from cgid.errors import InputError
from cgid.models.preprocess import MAX_ASPECT, Preprocess, centre_crop, resize_shorter_side

SHAPES = [(300, 400), (401, 300), (257, 261), (224, 224), (40, 30), (31, 31), (512, 131), (1000, 260), (263, 256)]


def photo(height: int, width: int) -> np.ndarray:
    """Edges and noise, where another filter would show."""
    random = np.random.default_rng(height * 1000 + width)
    coarse = random.integers(0, 256, (height // 9 + 1, width // 9 + 1, 3), dtype=np.uint8)
    blocks = coarse.repeat(9, 0).repeat(9, 1)[:height, :width].astype(int)
    return (blocks + random.integers(-20, 21, blocks.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("side", "shorter"), [(224, 256), (64, 64), (33, 40)])
def test_it_is_torchvisions_resize_and_centre_crop_within_one_grey_level(shape, side, shorter):
    rgb = photo(*shape)
    ours = Preprocess(side, "resize_crop", resize_to=shorter).input_pixels(rgb).astype(int)
    theirs = v2.Compose([v2.Resize(shorter, antialias=True), v2.CenterCrop(side)])
    of_tensor = theirs(torch.from_numpy(rgb).permute(2, 0, 1)).permute(1, 2, 0).numpy().astype(int)
    np.testing.assert_array_equal(ours, np.asarray(theirs(Image.fromarray(rgb))))
    assert np.abs(ours - of_tensor).max() <= 1


def test_the_shorter_side_is_the_usual_share_where_none_is_named():
    assert Preprocess(224, "resize_crop") == Preprocess(224, "resize_crop", resize_to=256)
    made = Preprocess(224, "resize_crop", resize_to=288)
    assert made.to_json()["resize_to"] == 288 and Preprocess.from_json(made.to_json()) == made
    assert "resize_to" not in Preprocess(224).to_json(), "files of the other fits read as they always did"


@pytest.mark.parametrize(
    ("fit", "shorter", "words"),
    [("resize", 256, "needs fit resize_crop"), ("resize_crop", 200, "not between 224"), ("resize_crop", 5000, "4096")],
)
def test_a_shorter_side_that_cannot_be_is_one_sentence(fit, shorter, words):
    with pytest.raises(InputError, match=words):
        Preprocess(224, fit, resize_to=shorter)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 20))
@settings(deadline=None, max_examples=60)
def test_more_around_the_centre_leaves_the_centre_as_it_is(height, width, half):
    made = Preprocess(32, "resize_crop", resize_to=40)
    rgb = photo(height, width)
    square = made.input_pixels(rgb)
    wide = centre_crop(resize_shorter_side(rgb, 40), 32, 2 * half)
    assert square.shape == (32, 32, 3) and wide.shape == (32 + 2 * half,) * 2 + (3,)
    np.testing.assert_array_equal(wide[half : half + 32, half : half + 32], square)


def test_a_strip_takes_bounded_memory_and_keeps_its_middle():
    strip = np.zeros((1, 60_000, 3), np.uint8)
    strip[:, 29_990:30_010] = 255
    scaled = resize_shorter_side(strip, 256)
    assert scaled.shape[0] == 256 and scaled.shape[1] <= 256 * (MAX_ASPECT + 1)
    assert Preprocess(224, "resize_crop").input_pixels(strip).min() == 255
