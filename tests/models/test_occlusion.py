"""An occlusion map finds the place a network goes by, where it lies in the picture as it came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cgid.errors import InputError
from cgid.models.occlusion import AI, REAL, crop_to_region, occlusion, overlay, visible_region
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import Preprocess
from planted_network import planted

SIZE, GRID = 32, 8


def model_at(folder, rows: slice, columns: slice, fit: str = "resize", gain: float = 1.0) -> OnnxModel:
    weight = np.zeros((SIZE, SIZE))
    weight[rows, columns] = gain
    return OnnxModel(planted(folder, weight, fit), threads=1)


def lit(height: int, width: int, rows: slice, columns: slice) -> np.ndarray:
    picture = np.full((height, width, 3), 40, np.uint8)
    picture[rows, columns] = 240
    return picture


def test_the_planted_place_is_the_strongest_and_agrees_with_a_plain_double_loop(tmp_path):
    model = model_at(tmp_path, slice(20, 24), slice(8, 12))
    picture = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    picture[20:24, 8:12] = 255
    found = occlusion(model, picture, GRID)
    grey = picture.reshape(-1, 3).mean(0).round()
    expected = np.zeros((GRID, GRID))
    for a in range(GRID):
        for b in range(GRID):
            covered = picture.astype(float)
            covered[max(0, a * 4 - 2) : a * 4 + 6, max(0, b * 4 - 2) : b * 4 + 6] = grey
            expected[a, b] = (picture[20:24, 8:12].mean(-1).sum() - covered[20:24, 8:12].mean(-1).sum()) / 255
    np.testing.assert_allclose(found.change, expected, atol=1e-4)
    assert np.unravel_index(found.change.argmax(), found.change.shape) == (5, 2)
    assert found.logit == pytest.approx(16.0, abs=1e-4)


def test_a_place_that_speaks_for_real_is_below_zero(tmp_path):
    found = occlusion(model_at(tmp_path, slice(0, 4), slice(0, 4), gain=-1), lit(32, 32, slice(0, 4), slice(0, 4)))
    assert found.change.argmin() == 0 and found.change.min() < -5 and found.change.max() == pytest.approx(0, abs=1e-5)


def test_the_same_picture_gives_the_same_map(tmp_path):
    model = model_at(tmp_path, slice(3, 9), slice(3, 9))
    picture = np.random.default_rng(1).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    np.testing.assert_array_equal(occlusion(model, picture).change, occlusion(model, picture).change)


def colours(shown: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """How much a pixel leans to the hue of a colour, whatever its brightness."""
    hue = np.array(colour, float) - np.mean(colour)
    return (shown - shown.mean(-1, keepdims=True)) @ hue


def test_resize_draws_over_the_whole_picture_where_the_evidence_lies(tmp_path):
    model = model_at(tmp_path, slice(24, 28), slice(4, 8))  # 6/8 down, 1/8 across
    picture = lit(400, 200, slice(300, 350), slice(25, 50))
    shown = overlay(picture, occlusion(model, picture))
    assert shown.shape == picture.shape and shown.dtype == np.uint8
    strength = colours(shown, AI)
    y, x = np.unravel_index(strength.argmax(), strength.shape)
    assert 285 <= y < 365 and 15 <= x < 60
    assert np.abs(shown[:200].astype(int) - shown[:200, :, :1]).max() == 0, "grey where nothing matters"


def test_crop_marks_the_central_square_and_darkens_the_rest(tmp_path):
    model = model_at(tmp_path, slice(0, 4), slice(28, 32), "crop", gain=-1)
    picture = lit(300, 320, slice(134, 138), slice(172, 176))  # its upper right corner, at native resolution
    found = occlusion(model, picture)
    assert (found.region.top, found.region.left, found.region.height, found.region.width) == (134, 144, 32, 32)
    assert np.unravel_index(found.change.argmin(), (GRID, GRID)) == (0, 7)
    shown = overlay(picture, found)
    strength = colours(shown, REAL)
    y, x = np.unravel_index(strength.argmax(), strength.shape)
    assert 134 <= y < 140 and 170 <= x < 176
    flat = shown[:, :, 0].astype(int)
    assert flat[150, 20] < flat[160, 150], "what the network did not see is darker"


def test_a_small_part_of_a_large_picture_is_drawn_with_its_surroundings_only(tmp_path):
    model = model_at(tmp_path, slice(0, 4), slice(28, 32), "crop", gain=-1)
    picture = lit(300, 320, slice(134, 138), slice(172, 176))
    cut, found = crop_to_region(picture, occlusion(model, picture))
    assert cut.shape == (64, 64, 3)
    assert (found.region.top, found.region.left, found.region.height, found.region.width) == (16, 16, 32, 32)
    strength = colours(overlay(cut, found), REAL)
    y, x = np.unravel_index(strength.argmax(), strength.shape)  # four times enlarged
    assert 64 <= y < 64 + 24 and 4 * 42 <= x < 4 * 48
    whole = occlusion(model_at(tmp_path / "whole", slice(0, 4), slice(0, 4)), picture)
    assert crop_to_region(picture, whole)[0].shape == picture.shape


def test_a_mirrored_edge_is_covered_with_what_it_mirrors(tmp_path):
    """16 pixels under a network of 32: the outer rows are reflections, so one place of the picture is all its copies."""
    model = model_at(tmp_path, slice(0, 32), slice(0, 32), "crop")
    picture = lit(16, 16, slice(0, 2), slice(0, 2))
    found = occlusion(model, picture)
    assert (found.region.top, found.region.left, found.region.height, found.region.width) == (0, 0, 16, 16)
    assert found.change.argmax() == 0
    shown = overlay(picture, found)
    assert shown.shape == (256, 256, 3), "small pictures are enlarged"


@given(st.integers(1, 80), st.integers(1, 80), st.sampled_from(["resize", "crop"]))
@examples(max_examples=40, deadline=None)
def test_what_is_seen_is_where_the_input_came_from(height, width, fit):
    preprocess = Preprocess(SIZE, fit)
    part = visible_region(preprocess, height, width)
    assert part.top <= part.rows.min() and part.rows.max() < part.top + part.height
    assert part.left <= part.columns.min() and part.columns.max() < part.left + part.width
    if fit == "crop":
        picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
        places = np.ix_(part.rows.astype(int), part.columns.astype(int))
        np.testing.assert_array_equal(preprocess.input_pixels(picture), picture[places])


def test_turned_views_and_single_pixels_are_drawn(tmp_path):
    for fit in ("resize", "crop"):
        model = model_at(tmp_path / fit, slice(0, 8), slice(0, 8), fit)
        for picture in (np.zeros((1, 1, 3), np.uint8), lit(40, 60, slice(0, 9), slice(0, 9))[::-1, ::-1]):
            shown = overlay(picture, occlusion(model, picture))
            assert shown.ndim == 3 and max(shown.shape[:2]) <= 1024


def test_a_network_without_a_finite_answer_and_a_senseless_grid_are_one_sentence(tmp_path):
    model = OnnxModel(planted(tmp_path, np.full((SIZE, SIZE), np.inf)), threads=1)
    with pytest.raises(InputError, match="no finite number"):
        occlusion(model, lit(40, 40, slice(0, 9), slice(0, 9)))
    with pytest.raises(InputError, match="not between 2 and 32"):
        occlusion(model, lit(40, 40, slice(0, 9), slice(0, 9)), grid=1)
