"""Pixels to network input: the same numbers as the definition says, for images of any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.errors import InputError
from cgid.models.preprocess import FITS, MEAN, STD, Preprocess


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from(FITS))
@settings(deadline=None, max_examples=60)
def test_any_size_becomes_a_finite_square(height, width, fit):
    out = Preprocess(32, fit).apply(picture(height, width))
    assert out.shape == (3, 32, 32) and out.dtype == np.float32
    assert np.isfinite(out).all()


def test_normalisation_is_value_over_255_less_mean_over_deviation():
    rgb = picture(32, 32)
    expected = ((rgb / 255.0 - np.array(MEAN)) / np.array(STD)).transpose(2, 0, 1)
    np.testing.assert_allclose(Preprocess(32).apply(rgb), expected, atol=1e-6)


def test_crop_is_the_centre_at_native_resolution():
    rgb = picture(50, 61)
    np.testing.assert_array_equal(Preprocess(32, "crop").input_pixels(rgb), rgb[9:41, 14:46])


def test_crop_mirrors_a_smaller_image_at_its_edges():
    rgb = picture(28, 40)
    square = Preprocess(32, "crop").input_pixels(rgb)
    np.testing.assert_array_equal(square[2:30], rgb[:, 4:36])
    np.testing.assert_array_equal(square[1], rgb[1, 4:36])
    np.testing.assert_array_equal(square[30], rgb[26, 4:36])


def test_resize_scales_the_whole_image_with_antialiasing():
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255  # one-pixel stripes: without antialiasing they alias to black or white
    square = Preprocess(32).input_pixels(stripes)
    assert np.abs(square.astype(int) - 127).max() <= 8


def test_a_batch_is_normalised_as_its_images_are():
    batch = np.stack([picture(32, 32, s) for s in range(3)])
    one_by_one = np.stack([Preprocess(32).normalise(square) for square in batch])
    np.testing.assert_array_equal(Preprocess(32).normalise(batch), one_by_one)


def test_it_survives_being_written_down():
    made = Preprocess(96, "crop", (0.1, 0.2, 0.3), (1.0, 0.5, 0.25))
    assert Preprocess.from_json(made.to_json()) == made


@pytest.mark.parametrize("arguments", [(32, "stretch"), (0, "crop"), (100_000, "resize")])
def test_what_cannot_be_is_refused(arguments):
    with pytest.raises(InputError):
        Preprocess(*arguments)
