"""Cosine statistics against the definition, scipy, and pictures whose coefficients are known."""

import math

import numpy as np
import pytest
import scipy.fft
import scipy.ndimage
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.features.groups import dct
from cgid.features.signals import dct_bands as d
from cgid.features.signals import shared
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo

# The mean of log10 |x| of a Gaussian variable of deviation 1: -(Euler's gamma + ln 2) / 2 / ln 10.
GAUSSIAN = -(np.euler_gamma + np.log(2)) / 2 / np.log(10)


def opened(gray: np.ndarray, format: str = "PNG", **options) -> ImageFile:
    pixels = np.repeat(gray.round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return ImageFile.from_bytes(encoded(pixels, format, **options), "x")


def values(gray: np.ndarray, format: str = "PNG", **options) -> dict[str, float]:
    return dct.compute(opened(gray, format, **options))


def white(height=256, width=256, sigma=20.0, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, sigma, (height, width))


def defined_dct(gray: np.ndarray) -> np.ndarray:
    """Orthonormal two-dimensional DCT-II by its definition, one coefficient at a time."""
    height, width = gray.shape
    found = np.empty((height, width))
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    for k in range(height):
        for m in range(width):
            wave = np.cos(np.pi * (2 * y + 1) * k / (2 * height)) * np.cos(np.pi * (2 * x + 1) * m / (2 * width))
            scale = np.sqrt((1 if k == 0 else 2) / height * (1 if m == 0 else 2) / width)
            found[k, m] = scale * (gray * wave).sum()
    return found


def test_log_sizes_agree_with_the_definition():
    gray = photo(24, 16)[..., 1].astype(np.float32)
    expected = np.log10(np.abs(defined_dct(gray - gray.mean())) + d.FLOOR)
    assert np.allclose(d.log_size(d.whole_dct(gray)), expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(16, 16), (48, 80), (512, 304)])
def test_bands_are_means_over_the_cells_that_scipys_coefficients_fall_into(shape):
    gray = photo(shape[1], shape[0])[..., 1].astype(np.float64)
    log = np.log10(np.abs(scipy.fft.dctn(gray - gray.mean(), norm="ortho")) + d.FLOOR)
    row, column = np.indices(shape)
    diagonal = row * d.GRID // shape[0] + column * d.GRID // shape[1]
    found = values(gray)
    for k, (low, high) in enumerate(zip(d.EDGES, d.EDGES[1:], strict=False)):
        assert found[f"band_{k}"] == pytest.approx(log[(diagonal >= low) & (diagonal < high)].mean(), abs=1e-4)
    assert found["fine_coarse"] == pytest.approx(found["band_5"] - found["band_1"])
    half = log[shape[0] // 2 :, shape[1] // 2 :]
    assert found["fine_deviation"] == pytest.approx(half.std(), abs=1e-4)


@pytest.mark.parametrize("side", [64, 200, 512])
def test_white_noise_is_flat_at_any_size(side):
    found = values(white(side, side))
    level = np.log10(np.sqrt(400 + 1 / 12)) + GAUSSIAN
    names = [*(f"band_{k}" for k in range(6)), "block_low", "block_middle", "block_high"]
    assert [found[name] for name in names] == pytest.approx([level] * 9, abs=6 / side + 0.01)
    assert [found[name] for name in ("fine_coarse", "across_down", "grid_rise")] == pytest.approx([0] * 3, abs=0.05)
    # 0.482 for pure noise; the floor beneath the logarithm takes a little away.
    assert found["fine_deviation"] == pytest.approx(np.pi / np.sqrt(8) / np.log(10), abs=0.03)
    assert found["size_ratio"] == pytest.approx(2 / np.pi, abs=0.02)
    assert found["kurtosis"] == pytest.approx(0, abs=0.25)


def test_block_means_agree_with_scipy_block_by_block():
    gray = photo(50, 43)[..., 1].astype(np.float64)
    blocks = [gray[y : y + 8, x : x + 8] - 128 for y in range(0, 40, 8) for x in range(0, 48, 8)]
    found = np.array([scipy.fft.dctn(block, norm="ortho") for block in blocks])
    log = np.log10(np.abs(found) + d.FLOOR).mean(axis=0)
    order = np.add.outer(range(8), range(8))
    result = values(gray)
    assert result["block_low"] == pytest.approx(log[(order >= 1) & (order <= 3)].mean(), abs=1e-4)
    assert result["block_middle"] == pytest.approx(log[(order >= 4) & (order <= 7)].mean(), abs=1e-4)
    assert result["block_high"] == pytest.approx(log[order >= 8].mean(), abs=1e-4)
    coarse = found[:, (order >= 1) & (order <= 4)]
    assert result["kurtosis"] == pytest.approx(np.median(scipy.stats.kurtosis(coarse, bias=False)), rel=1e-3)
    centred = coarse - coarse.mean(axis=0)
    ratio = np.abs(centred).mean(axis=0) ** 2 / (centred**2).mean(axis=0)
    assert result["size_ratio"] == pytest.approx(np.median(ratio), rel=1e-3)
    assert result["zero_share"] == pytest.approx((np.abs(found.reshape(-1, 64)[:, 1:]) < 0.5).mean(), abs=1e-3)


def test_laplacian_coefficients_are_told_from_gaussian_ones():
    coefficients = np.random.default_rng(0).laplace(0, 8, (8, 8, 64, 64))
    coefficients[0, 0] = 0
    blocks = scipy.fft.idctn(coefficients, axes=(0, 1), norm="ortho")
    found = values(128 + blocks.transpose(2, 0, 3, 1).reshape(512, 512))
    assert found["size_ratio"] == pytest.approx(0.5, abs=0.02)
    assert found["kurtosis"] == pytest.approx(3, abs=0.5)


def test_kurtosis_is_scipys_and_does_not_depend_on_how_many_values_there_are():
    rows = np.random.default_rng(0).normal(0, 5, (2000, 16)).astype(np.float32)
    assert np.allclose(d.excess_kurtosis(rows), scipy.stats.kurtosis(rows, axis=1, bias=False), atol=1e-3)
    assert d.excess_kurtosis(rows).mean() == pytest.approx(0, abs=0.1)
    assert np.isnan(d.excess_kurtosis(rows[:, :3])).all() and np.isnan(d.excess_kurtosis(rows * 0)).all()


def test_zeros_are_counted():
    # The fourth cosine across is of one size: only one coefficient of 63 is not zero.
    pattern = np.tile([148, 108, 108, 148, 148, 108, 108, 148], (64, 8))
    assert values(pattern)["zero_share"] == pytest.approx(62 / 63)
    textured = white(sigma=8)
    shares = [values(textured)["zero_share"]]
    shares += [values(textured, "JPEG", quality=q)["zero_share"] for q in (90, 50, 10)]
    assert shares == sorted(shares) and shares[0] < 0.1 and shares[-1] > 0.8


@pytest.mark.parametrize(("period", "rises"), [(8, True), (4, True), (8 / 3, True), (5.3, False), (3.1, False)])
def test_patterns_of_eight_and_four_pixels_raise_the_lines_of_the_grid(period, rises):
    """Multiplied by the picture, as an uneven up-sampling does: the whole picture comes back around the line."""
    wave = 1 + 0.1 * np.cos(2 * np.pi * np.arange(256) / period)
    gray = 120 + np.cumsum(np.cumsum(white() - 128, axis=0), axis=1) / 300
    rise = values(gray * wave)["grid_rise"] - values(gray)["grid_rise"]
    assert rise > 0.1 if rises else rise < 0.05


def test_lines_agree_with_scipys_coefficients():
    gray = white(64, 96).round()
    power = scipy.fft.dctn(gray - gray.mean(), norm="ortho") ** 2
    rises = []
    for lines in (power, power.T):
        profile = np.log10(lines.mean(axis=1) + d.FLOOR**2) / 2
        for line in (len(profile) // 4, len(profile) // 2, 3 * len(profile) // 4):
            near = [line - 1, line, line + 1]
            around = [k for k in range(line - 8, line + 9) if k not in near]
            rises.append(profile[near].mean() - profile[around].mean())
    assert values(gray)["grid_rise"] == pytest.approx(np.mean(rises), abs=1e-4)


def test_detail_that_is_fine_across_only_is_told_from_its_mirror_image():
    smooth_down = (white() + np.roll(white(), 1, axis=0)) / 2
    across, down = values(smooth_down)["across_down"], values(smooth_down.T)["across_down"]
    assert across > 0.1 and down == pytest.approx(-across, abs=1e-4)


def test_smoothing_empties_the_fine_bands():
    plain = white()
    smooth = (plain + np.roll(plain, 1, 0) + np.roll(plain, 1, 1) + np.roll(plain, (1, 1), (0, 1))) / 4
    assert values(smooth)["fine_coarse"] < values(plain)["fine_coarse"] - 0.5


def test_too_small_or_even_is_missing():
    assert values(white(7, 40)) == {}
    eight = values(white(8, 40))
    assert "band_0" not in eight and "kurtosis" not in eight and eight["block_low"] > 0
    assert values(np.full((64, 64), 90.0)) == {"zero_share": 1.0}
    assert math.isnan(values(white(16, 40))["grid_rise"])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 100), st.integers(0, 2**32 - 1))
def test_light_added_to_every_pixel_changes_nothing(height, width, light, seed):
    gray = np.random.default_rng(seed).integers(0, 150, (height, width)).astype(float)
    found, lighter = values(gray), values(gray + light)
    assert found.keys() == lighter.keys()
    assert [found[k] for k in found] == pytest.approx([lighter[k] for k in found], nan_ok=True, abs=0.02)


def test_the_map_shows_log_sizes_of_the_whole_picture_averaged_over_neighbours():
    image = opened(white(40, 24))
    drawn, log = dct.draw(image), d.log_size(d.whole_dct(image.cached(shared.luma)))
    assert drawn.shape == (40, 24)
    expected = scipy.ndimage.uniform_filter(log, 3, mode="nearest")
    assert np.corrcoef(drawn.ravel(), expected.ravel())[0, 1] > 0.95
