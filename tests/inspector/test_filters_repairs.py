"""What the filters for repairs show on photographs smoothed by a median or changed in contrast, in whole or in part."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import contrast_enhancement_traces, median_filter_traces
from cgid.inspector.view import View

NAMES = ("astronaut", "chelsea", "coffee", "rocket")


@cache
def natural(name: str) -> np.ndarray:
    from skimage import data

    return np.asarray(Image.fromarray(getattr(data, name)()).resize((384, 296), Image.Resampling.LANCZOS))


def view_of(pixels: np.ndarray, quality: int | None = None) -> View:
    """Saved as JPEG of that quality; as PNG for None."""
    file = io.BytesIO()
    kind, more = ("PNG", {}) if quality is None else ("JPEG", {"quality": quality})
    Image.fromarray(pixels).save(file, kind, **more)
    return View(ImageFile.from_bytes(file.getvalue(), f"made.{kind.lower()}"))


def median(pixels: np.ndarray) -> np.ndarray:
    return np.stack([cv2.medianBlur(np.ascontiguousarray(pixels[..., k]), 3) for k in range(3)], axis=-1)


def gamma(pixels: np.ndarray, exponent: float) -> np.ndarray:
    return np.rint(255 * (pixels / 255) ** exponent).astype(np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_the_half_that_was_median_filtered_stands_out(name: str) -> None:
    pixels = natural(name).copy()
    pixels[:, 192:] = median(pixels)[:, 192:]
    found = median_filter_traces.streaking(np.ascontiguousarray(pixels[..., 1]), 32)
    left, right = (half[~np.isnan(half)] for half in (found[:, :6], found[:, 6:]))
    assert np.median(right) > 1.8 * np.median(left)
    assert (right >= median_filter_traces.DETECTION_RATIO).mean() > 0.5
    assert (left >= median_filter_traces.DETECTION_RATIO).mean() < 0.25


def test_the_map_of_median_traces_is_bright_there_and_hatched_where_it_is_smooth() -> None:
    pixels = natural("coffee").copy()
    pixels[:, 192:] = median(pixels)[:, 192:]
    pixels[:64, :64] = 90
    picture = all_filters()["median_filter_traces"].run(view_of(pixels)).picture.mean(axis=-1)
    assert picture[96:, 224:].mean() > 1.5 * picture[96:, :160].mean()
    assert set(np.unique(picture[:64, :64])) == {0, 110}


def test_a_step_of_one_each_way_is_as_frequent_as_none_in_plain_noise() -> None:
    noise = np.rint(128 + np.random.default_rng(1).normal(0, 4, (256, 256))).astype(np.uint8)
    found = median_filter_traces.streaking(noise, 128)
    assert found.mean() == pytest.approx(1, rel=0.1)
    assert np.isnan(median_filter_traces.streaking(np.full((64, 64), 255, np.uint8), 32)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("exponent", [0.7, 0.9, 1.4])
def test_a_change_of_gamma_is_told_from_an_unchanged_picture(name: str, exponent: float) -> None:
    one = all_filters()["contrast_enhancement_traces"]
    assert one.run(view_of(gamma(natural(name), exponent))).finding.startswith("Peaks and gaps")
    for quality in (None, 90):
        assert one.run(view_of(natural(name), quality)).finding.startswith("The histograms are smooth")


def test_the_part_whose_contrast_was_changed_is_bright() -> None:
    pixels = natural("chelsea").copy()
    pixels[128:256, 128:256] = np.clip(pixels[128:256, 128:256] * 1.3, 0, 255).astype(np.uint8)
    picture = all_filters()["contrast_enhancement_traces"].run(view_of(pixels)).picture.mean(axis=-1)
    assert picture[130:254, 130:254].mean() > 1.6 * picture[:128].mean()


def test_the_levels_that_a_stretch_leaves_empty_are_marked() -> None:
    stretched = np.clip(natural("chelsea") * 1.25, 0, 255).astype(np.uint8)
    columns = all_filters()["contrast_enhancement_traces"].run(view_of(stretched), {"channel": "red"}).columns
    empty = columns["pixels"] == 0
    middle = (columns["level"] > 60) & (columns["level"] < 200)
    assert np.count_nonzero(empty & middle) >= 25  # every fifth level
    assert (columns["mark"][empty & middle] == "gap").all()
    plain = all_filters()["contrast_enhancement_traces"].run(view_of(natural("chelsea")), {"channel": "red"}).columns
    assert (plain["mark"] != "").sum() <= 3


def test_histograms_of_blocks_count_every_pixel_once() -> None:
    plane = np.random.default_rng(2).integers(0, 256, (100, 70)).astype(np.uint8)
    found = contrast_enhancement_traces.histograms(plane, 64)
    assert found.shape == (2, 2, 256) and found.sum() == plane.size
    assert np.array_equal(found[1, 0], np.bincount(plane[64:, :64].ravel(), minlength=256))
