"""The neighbouring-pixel residual against plain loops, and on pictures whose cells are known."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cgid.features.groups import residual_npr as npr
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded


def values(pixels: np.ndarray, **options) -> dict[str, float]:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return npr.compute(ImageFile.from_bytes(encoded(pixels.astype(np.uint8), **options), "x.png"))


def random(height: int, width: int, low=0, high=256, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, high, (height, width, 3), dtype=np.uint8)


def doubled(pixels: np.ndarray) -> np.ndarray:
    return pixels.repeat(2, axis=0).repeat(2, axis=1)


def looped(pixels: np.ndarray) -> np.ndarray:
    """(rows, columns, 3 places, 3 channels) of x - up2(down2(x)), the kept pixel left out, pixel by pixel."""
    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    found = np.zeros((rows, columns, 3, 3))
    for y in range(rows):
        for x in range(columns):
            kept = pixels[2 * y, 2 * x].astype(float)
            for place, (down, across) in enumerate(((0, 1), (1, 0), (1, 1))):
                found[y, x, place] = pixels[2 * y + down, 2 * x + across] - kept
    return found


@pytest.mark.parametrize("shape", [(12, 16), (13, 17), (2, 2), (3, 40)])
def test_every_number_agrees_with_plain_loops(shape):
    pixels = random(*shape, high=12)
    expected, found = looped(pixels), values(pixels)
    energy = (expected**2).sum(axis=(0, 1))
    across, down, diagonal = energy.sum(axis=1)
    red, green, blue = energy.sum(axis=0)
    flat = expected.ravel()
    assert found["variance"] == pytest.approx(flat.var())
    assert found["kurtosis"] == pytest.approx(scipy.stats.kurtosis(flat))
    assert found["zero_share"] == pytest.approx((flat == 0).mean())
    assert found["copied_cells"] == pytest.approx((expected == 0).all(axis=(2, 3)).mean())
    assert found["across_down"] == pytest.approx((across - down) / (across + down))
    assert found["diagonal"] == pytest.approx(diagonal / (across + down))
    assert found["red_green"] == pytest.approx((red - green) / (red + green))
    assert found["blue_green"] == pytest.approx((blue - green) / (blue + green))
    together = (expected[..., 0] * expected[..., 2]).sum() / np.sqrt(red * blue)
    assert found["red_blue_correlation"] == pytest.approx(together)


def test_differences_inside_and_between_pairs_agree_with_plain_slices():
    pixels = random(20, 26)
    g = pixels[..., 1].astype(float)
    inside, between = np.mean((g[::2, 1::2] - g[::2, ::2]) ** 2), np.mean((g[::2, 2::2] - g[::2, 1:-1:2]) ** 2)
    assert values(pixels)["pairs_across"] == pytest.approx((between - inside) / (between + inside))
    inside, between = np.mean((g[1::2, ::2] - g[::2, ::2]) ** 2), np.mean((g[2::2, ::2] - g[1:-1:2, ::2]) ** 2)
    assert values(pixels)["pairs_down"] == pytest.approx((between - inside) / (between + inside))


@pytest.mark.parametrize("side", [17, 300, 600])
def test_a_picture_enlarged_by_copying_pixels_has_no_residual(side):
    found = values(doubled(random(side, side)))
    assert found["zero_share"] == found["copied_cells"] == found["pairs_across"] == found["pairs_down"] == 1
    assert found["variance"] == 0 and math.isnan(found["kurtosis"]) and math.isnan(found["red_green"])
    shifted = values(doubled(random(side, side))[1:, 1:])
    assert shifted["pairs_across"] == shifted["pairs_down"] == -1


def test_an_enlarged_picture_that_exif_turns_is_seen_as_stored():
    turned = Image.Exif()
    turned[0x0112] = 6
    stored = doubled(random(30, 40))[:-1, :-1]  # odd sides: turned round, the cells would start in the wrong place
    assert values(stored, exif=turned)["zero_share"] == 1


def test_independent_pixels_have_known_values():
    noise = np.random.default_rng(0).normal(128, 12, (512, 512, 3)).round()
    found = values(noise)
    assert found["variance"] == pytest.approx(2 * (144 + 1 / 12), rel=0.02)
    assert found["diagonal"] == pytest.approx(0.5, abs=0.01)
    assert found["kurtosis"] == pytest.approx(0, abs=0.05)
    near_zero = ("across_down", "red_green", "blue_green", "red_blue_correlation", "pairs_across", "pairs_down")
    assert [found[name] for name in near_zero] == pytest.approx([0] * 6, abs=0.02)
    assert found["unevenness"] < 0.1
    assert values(noise[..., 0])["red_blue_correlation"] == pytest.approx(1)


def test_stripes_and_checkerboards_have_known_values():
    y, x = np.indices((64, 64))
    board = values(100 + 50 * ((x + y) % 2))
    assert board["diagonal"] == 0 and board["zero_share"] == pytest.approx(1 / 3) and board["copied_cells"] == 0
    stripes = values(100 + 50 * (x % 2))
    assert stripes["across_down"] == 1 and values(100 + 50 * (y % 2))["across_down"] == -1
    assert values(2 * x + 1 * y)["diagonal"] == pytest.approx(9 / 5)


def test_a_smooth_half_is_uneven():
    even = np.random.default_rng(0).normal(128, 12, (256, 256))
    half = even.copy()
    half[:, :128] = 128
    assert values(half)["unevenness"] == pytest.approx(1, abs=0.1)
    assert values(even)["unevenness"] < 0.1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 100), st.integers(0, 2**32 - 1))
def test_light_added_to_every_pixel_changes_nothing(height, width, light, seed):
    pixels = random(height, width, high=120, seed=seed)
    found, lighter = values(pixels), values(pixels + np.uint8(light))
    assert (found == {}) == (min(height, width) < 2)
    assert list(found.values()) == pytest.approx(list(lighter.values()), nan_ok=True, abs=0, rel=0)


def test_the_map_is_dark_where_pixels_repeat():
    pixels = random(64, 64)
    pixels[:32] = doubled(pixels[:16, :32])
    drawn = npr.draw(ImageFile.from_bytes(encoded(pixels), "x.png")).sum(axis=2)
    assert drawn[:32].max() == drawn.min() < drawn[32:].mean()
