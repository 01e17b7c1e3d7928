"""What the noise filters show on made pictures whose noise is known."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector import starlet
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import cfa, noise_level
from cgid.inspector.overlays import blocks_to_pixels, split_blocks
from cgid.inspector.view import View


def view_of(pixels: np.ndarray, **options) -> View:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    file = io.BytesIO()
    Image.fromarray(np.rint(pixels).clip(0, 255).astype(np.uint8)).save(file, "PNG", **options)
    return View(ImageFile.from_bytes(file.getvalue(), "made.png"))


def two_grains(left: float, right: float, side: int = 256) -> np.ndarray:
    """A slow slope of light with noise of one deviation on its left and of another on its right half."""
    rng = np.random.default_rng(7)
    light = 90 + 60 * np.add.outer(np.arange(side), np.arange(side)) / (2 * side)
    deviation = np.where(np.arange(side) < side // 2, left, right)
    return light + rng.normal(0, 1, (side, side)) * deviation


def test_blocks_are_laid_out_and_back() -> None:
    plane = np.arange(7 * 10).reshape(7, 10)
    blocks = split_blocks(plane, 4)
    assert blocks.shape == (2, 3, 16)
    assert blocks[0, 1].tolist() == plane[:4, 4:8].ravel().tolist()
    assert blocks[1, 2].max() == plane[-1, -1]
    means = blocks_to_pixels(np.arange(6).reshape(2, 3), 4, plane.shape)
    assert means.shape == plane.shape and means[0, 0] == 0 and means[6, 9] == 5
    shifted = blocks_to_pixels(np.arange(6).reshape(2, 3), 4, (12, 16), top=3, left=2)
    assert shifted[2, 1] == shifted[6, 5] == 0 and shifted[7, 6] == 4


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (64, 64)])
def test_the_layers_of_a_picture_add_up_to_it(shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(1).normal(128, 20, shape).astype(np.float32)
    details, rest = starlet.decompose(plane, 5)
    assert np.allclose(sum(details) + rest, plane, atol=1e-3)


def test_each_layer_takes_its_known_share_of_white_noise() -> None:
    plane = np.random.default_rng(2).normal(0, 10, (512, 512)).astype(np.float32)
    details, _ = starlet.decompose(plane, 3)
    assert [d.std() / 10 for d in details] == pytest.approx(starlet.NOISE_GAINS[:3], rel=0.03)
    assert starlet.noise_level(details[0]) == pytest.approx(10, rel=0.03)


@pytest.mark.parametrize("method", ["median", "Gaussian", "bilateral", "wavelet"])
def test_separated_noise_is_stronger_where_the_grain_is(method: str) -> None:
    drawn = all_filters()["noise_separation"].run(
        view_of(two_grains(2, 5)), {"method": method, "show": "strength", "radius": 2}
    )
    left, right = drawn.picture[:, :128].mean(), drawn.picture[:, 128:].mean()
    assert right > 1.6 * left


def test_noise_taken_from_the_picture_and_what_is_left_add_up_to_it() -> None:
    view, one = view_of(two_grains(2, 5)), all_filters()["noise_separation"]
    noise = one.run(view, {"amplify": 1.0}).picture.astype(int) - 128
    left = one.run(view, {"show": "what is left"}).picture
    assert np.abs(left + noise - view.rgb[..., 0]).max() <= 1


def test_a_wavelet_threshold_takes_the_grain_and_leaves_an_edge() -> None:
    pixels = 80 + 100 * (np.arange(128) >= 64) + np.random.default_rng(3).normal(0, 3, (128, 128))
    without = all_filters()["wavelet_threshold"].run(
        view_of(pixels), {"threshold": 4.0, "show": "the picture without it"}
    )
    flat = without.picture[8:-8, 8:48].astype(float)
    assert flat.std() < 1.0
    assert np.diff(without.picture[64].astype(int))[63] > 90
    estimate = float(re.search(r"estimated at ([\d.]+)", without.finding)[1])
    assert estimate == pytest.approx(3, rel=0.1)


def test_the_noise_level_of_each_half_is_measured() -> None:
    found = noise_level.noise_levels(view_of(two_grains(2, 8)), 32)
    assert np.median(found[:, :3]) == pytest.approx(2, rel=0.1)
    assert np.median(found[:, 5:]) == pytest.approx(8, rel=0.1)


def test_the_noise_level_map_is_brighter_where_a_noisier_part_was_pasted() -> None:
    pixels = two_grains(2, 2)
    pixels[64:128, 64:128] += np.random.default_rng(4).normal(0, 7, (64, 64))
    drawn = all_filters()["noise_level"].run(view_of(pixels))
    brightness = drawn.picture.mean(axis=-1)
    assert brightness[64:128, 64:128].min() > brightness[160:, :].max()
    assert "6 % of the blocks have more than twice" in drawn.finding  # 64 x 64 of 256 x 256 px


def test_noise_that_grows_with_light_is_usual_among_parts_equally_bright() -> None:
    light = np.repeat([40.0, 200.0], 128)[None, :] * np.ones((256, 1))
    view = view_of(light + np.random.default_rng(5).normal(0, 1, light.shape) * np.where(light > 100, 9, 2))
    whole, alike = (
        all_filters()["noise_level"].run(view, {"compare": how}).finding
        for how in ("with the whole view", "with parts equally bright")
    )
    assert whole != alike
    assert "0 % of the blocks have more than twice and 0 % less than half" in alike


def mosaic(side: int = 256) -> np.ndarray:
    """Green measured at every second pixel of a chequerboard, the mean of its four neighbours at the others."""
    rng = np.random.default_rng(6)
    green = 128 + rng.normal(0, 12, (side + 2, side + 2))
    around = (green[:-2, 1:-1] + green[2:, 1:-1] + green[1:-1, :-2] + green[1:-1, 2:]) / 4
    measured = np.add.outer(np.arange(side), np.arange(side)) % 2 == 0
    return np.where(measured, green[1:-1, 1:-1], around)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_part_out_of_step_with_the_colour_mosaic_is_dark_and_one_without_it_grey(orientation: int) -> None:
    green = mosaic()
    green[64:128, 64:128] = green[64:128, 65:129].copy()
    green[160:224, 64:128] = 128 + np.random.default_rng(8).normal(0, 12, (64, 64))
    exif = Image.Exif()
    exif[0x0112] = orientation
    drawn = all_filters()["cfa"].run(view_of(green, exif=exif))
    picture = drawn.picture if orientation == 1 else np.rot90(drawn.picture)
    assert picture[:, 192:].mean() > 200
    assert picture[64:128, 64:128].mean() < 56
    assert 100 < picture[160:224, 64:128].mean() < 156
    assert "6 % are out of phase" in drawn.finding


def test_without_a_mosaic_the_map_is_grey() -> None:
    plain = view_of(128 + np.random.default_rng(9).normal(0, 12, (128, 128)))
    assert np.abs(np.median(cfa.ratios(plain, 16))) < cfa.MIN_VIEW_RATIO
    assert all_filters()["cfa"].run(plain).finding.startswith("No demosaicing trace")


def test_cells_made_by_doubling_have_no_differences_only_where_they_start() -> None:
    doubled = np.random.default_rng(10).integers(0, 256, (32, 32)).repeat(2, axis=0).repeat(2, axis=1)
    one, view = all_filters()["npr_residual"], view_of(doubled)
    assert (one.run(view).picture == 128).all()
    assert one.run(view).finding.startswith("100.0 % of the differences are zero; 100.0 %")
    elsewhere = one.run(view, {"start": "one right and down"})
    assert elsewhere.picture.std() > 60
    assert one.run(view, {"start": "one right and down", "show": "size"}).picture.min() == 0
