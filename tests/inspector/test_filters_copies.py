"""What the filters for copied parts show on pictures with a copied part at a known place, and on those without."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector.copied_regions import find_copied_regions, similarity
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import copy_move
from cgid.inspector.view import View

SHIFT = (180, 110)  # px right and down
SOURCE = np.s_[90:190, 120:220]
TARGET = np.s_[200:300, 300:400]


@cache
def natural(name: str) -> np.ndarray:
    from skimage import data

    pixels = getattr(data, name)()
    return np.ascontiguousarray(np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels[..., :3])


def view_of(pixels: np.ndarray, quality: int | None = None) -> View:
    """Saved as JPEG of that quality; as PNG for None."""
    file = io.BytesIO()
    kind, more = ("PNG", {}) if quality is None else ("JPEG", {"quality": quality})
    Image.fromarray(pixels).save(file, kind, **more)
    return View(ImageFile.from_bytes(file.getvalue(), f"made.{kind.lower()}"))


def copied(name: str) -> np.ndarray:
    pixels = natural(name).copy()
    pixels[TARGET] = natural(name)[SOURCE]
    return pixels


def turned(name: str, degrees: float, scale: float) -> np.ndarray:
    """The source turned about its middle, resized and pasted SHIFT away."""
    pixels = natural(name)
    size = pixels.shape[1::-1]
    movement = cv2.getRotationMatrix2D((170, 140), -degrees, scale)
    movement[:, 2] += SHIFT
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[SOURCE] = 1
    moved = cv2.warpAffine(pixels, movement, size, flags=cv2.INTER_CUBIC)
    return np.where(cv2.warpAffine(mask, movement, size)[..., None] > 0, moved, pixels)


@pytest.mark.parametrize("quality", [None, 75])
@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_a_copied_part_is_found_at_its_place_with_its_shift(name: str, quality: int | None) -> None:
    found = copy_move.find_regions(view_of(copied(name), quality), 4, 30, 5, 0.8)
    assert len(found) == 1
    assert found[0].shift == pytest.approx(SHIFT, abs=1)
    rows, columns = SOURCE
    x, y = found[0].source.T
    assert (x > columns.start - 8).all() and (x < columns.stop + 8).all()
    assert (y > rows.start - 8).all() and (y < rows.stop + 8).all()


def test_the_finding_says_how_many_points_and_where_to_and_the_picture_shows_it() -> None:
    view = view_of(copied("astronaut"))
    drawn = all_filters()["copy_move"].run(view)
    assert "1 region is found twice" in drawn.finding
    assert "moved 180 px right and 110 px down" in drawn.finding
    coloured = np.ptp(drawn.picture.astype(int), axis=2) > 60
    assert coloured[SOURCE].any() and coloured[TARGET].any()
    assert not coloured[400:].any()
    only = all_filters()["copy_move"].run(view, {"show": "outlines"}).picture
    assert (np.ptp(only.astype(int), axis=2) > 60).sum() < coloured.sum()


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_a_turned_and_resized_copy_is_found_with_its_turn_and_scale(name: str) -> None:
    found = copy_move.find_regions(view_of(turned(name, 25, 1.1)), 4, 30, 5, 0.8)
    assert len(found) == 1
    if found[0].scale > 1:
        assert (found[0].rotation, found[0].scale) == (pytest.approx(25, abs=1), pytest.approx(1.1, abs=0.02))
    else:
        assert (found[0].rotation, found[0].scale) == (pytest.approx(-25, abs=1), pytest.approx(1 / 1.1, abs=0.02))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket", "camera", "brick", "coins", "page"])
def test_an_unaltered_picture_has_no_copies(name: str) -> None:
    assert "no region is found twice" in all_filters()["copy_move"].run(view_of(natural(name))).finding


def test_a_flat_picture_has_no_points() -> None:
    assert "Among 0 keypoints" in all_filters()["copy_move"].run(view_of(np.full((64, 64, 3), 90, np.uint8))).finding


def test_pairs_that_moved_together_are_told_from_those_at_random() -> None:
    rng = np.random.default_rng(11)
    first = rng.uniform(0, 500, (60, 2)).astype(np.float32)
    second = rng.uniform(0, 500, (60, 2)).astype(np.float32)
    second[:20] = first[:20] + np.float32((200, 50))
    second[20:30] = (first[20:30] - 250) @ np.array([[0.0, 1.0], [-1.0, 0.0]], np.float32) * 1.5 + 250  # a quarter turn
    flipped = rng.random(60) < 0.5
    first[flipped], second[flipped] = second[flipped].copy(), first[flipped].copy()
    found = find_copied_regions(first, second, 6)
    assert [len(c.source) for c in found] == [20, 10]
    assert found[0].shift == pytest.approx((200, 50), abs=0.01)
    assert abs(found[1].rotation) == pytest.approx(90, abs=0.1)
    assert max(found[1].scale, 1 / found[1].scale) == pytest.approx(1.5, abs=0.01)
    again = find_copied_regions(first, second, 6)
    assert all(np.array_equal(a.source, b.source) for a, b in zip(found, again))


def test_a_true_copy_shares_its_pixels_and_a_likeness_does_not() -> None:
    pixels = copied("astronaut")
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    places = np.array([[150, 120], [190, 130], [160, 170], [200, 180]], np.float32)
    (true,) = find_copied_regions(places, places + np.float32(SHIFT), 4)
    (false,) = find_copied_regions(places, places + np.float32((150, 60)), 4)
    assert similarity(gray, true).min() > 0.99
    assert similarity(gray, false).max() < 0.8


def test_in_a_view_too_large_points_are_sought_smaller_and_told_at_full_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy_move, "MAX_PIXELS", 200_000)  # of 262,144
    found = copy_move.find_regions(view_of(copied("astronaut")), 4, 30, 5, 0.8)
    assert len(found) == 1 and found[0].shift == pytest.approx(SHIFT, abs=1.5)
