"""Wavelet statistics against PyWavelets and numpy's least squares, and on pictures of known detail."""

import math

import numpy as np
import pytest
import pywt
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.features.groups import wavelet
from cgid.features.signals import wavelet as w
from cgid.features.signals.dct_bands import FLOOR
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo

GAUSSIAN = -(np.euler_gamma + np.log(2)) / 2 / np.log(10)  # mean of log10 |x|, deviation 1


def values(gray: np.ndarray) -> dict[str, float]:
    pixels = np.repeat(gray.round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return wavelet.compute(ImageFile.from_bytes(encoded(pixels), "x.png"))


def white(height=256, width=256, sigma=20.0, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, sigma, (height, width))


def detailed(width=96, height=64) -> np.ndarray:
    return photo(width, height)[..., 1].astype(np.float64)


def test_packets_are_those_of_pywavelets_in_order_of_frequency():
    gray = detailed(48, 32)
    nodes = pywt.WaveletPacket2D(gray, "haar", maxlevel=3).get_level(3, order="freq")
    found = w.haar_packets(gray.astype(np.float32))[-1].reshape(64, 4, 6)[w.BY_FREQUENCY].reshape(8, 8, 4, 6)
    for down in range(8):
        for across in range(8):
            assert np.allclose(np.abs(found[down, across]), np.abs(nodes[down][across].data), atol=1e-3)


def test_band_means_and_deviations_follow_from_pywavelets_packets():
    gray = detailed()
    nodes = pywt.WaveletPacket2D(gray, "haar", maxlevel=3).get_level(3, order="freq")
    log = np.array([[np.log10(np.abs(node.data) + FLOOR) for node in row] for row in nodes])
    mean, deviation = log.mean(axis=(2, 3)), log.std(axis=(2, 3))
    order = np.add.outer(range(8), range(8))
    found = values(gray)
    for k, (low, high) in enumerate(((1, 3), (3, 6), (6, 9), (9, 12), (12, 15))):
        assert found[f"band_{k}"] == pytest.approx(mean[(order >= low) & (order < high)].mean(), abs=1e-3)
    assert found["deviation_coarse"] == pytest.approx(deviation[(order >= 1) & (order < 6)].mean(), abs=1e-3)
    assert found["deviation_fine"] == pytest.approx(deviation[order >= 9].mean(), abs=1e-3)
    above = [(mean[a, b] - mean[b, a]) for a in range(8) for b in range(a + 1, 8)]
    assert found["across_down"] == pytest.approx(np.mean(above), abs=1e-3)
    around = (mean[6, 6] + mean[6, 7] + mean[7, 6]) / 3
    assert found["corner_rise"] == pytest.approx(mean[7, 7] - around, abs=1e-3)


def test_details_and_their_kurtosis_are_those_of_the_wavelet_pyramid():
    gray = detailed()
    found, result = w.haar_packets(gray.astype(np.float32)), values(gray)
    pyramid = pywt.wavedec2(gray, "haar", level=3)
    for level in (1, 2, 3):
        down, across, diagonal = pyramid[-level]
        expected = [across, down, diagonal]
        assert np.allclose(np.abs(w.detail_bands(found, level)), np.abs(expected), atol=1e-3)
        tails = [scipy.stats.kurtosis(band.ravel(), bias=False) for band in expected]
        assert result[f"kurtosis_{level}"] == pytest.approx(np.mean(tails), rel=1e-2)


def expected_errors(gray: np.ndarray) -> np.ndarray:
    """The predictor coefficient by coefficient, its weights by numpy's least squares."""
    coarse, fine = pywt.wavedec2(gray, "haar", level=2)[1:]
    above = [np.abs(coarse[k]) for k in (1, 0, 2)]
    size = [np.abs(fine[k]) for k in (1, 0, 2)]
    errors = []
    for k in range(3):
        known, sizes = [], []
        for y in range(1, size[k].shape[0] - 1):
            for x in range(1, size[k].shape[1] - 1):
                near = [size[k][y - 1, x], size[k][y + 1, x], size[k][y, x - 1], size[k][y, x + 1]]
                others = [size[2][y, x], above[2][y // 2, x // 2]] if k < 2 else [size[0][y, x], size[1][y, x]]
                known.append([*near, above[k][y // 2, x // 2], *others])
                sizes.append(size[k][y, x])
        weights = np.linalg.lstsq(np.array(known), np.array(sizes), rcond=None)[0]
        predicted = np.maximum(np.array(known) @ weights, 0)
        errors.append(np.log2((np.array(sizes) + 1) / (predicted + 1)))
    return np.array(errors)


def test_prediction_errors_agree_with_plain_least_squares():
    gray = white(48, 64, sigma=30) + 40 * np.sin(np.arange(64) / 5)
    gray = gray.round().clip(0, 255)
    errors, found = expected_errors(gray), values(gray)
    variance = errors.var(axis=1)
    assert found["error_mean"] == pytest.approx(errors.mean(), abs=2e-3)
    assert found["error_deviation"] == pytest.approx(np.sqrt(variance.mean()), abs=2e-3)
    assert found["error_skew"] == pytest.approx(scipy.stats.skew(errors, axis=1).mean(), abs=1e-2)
    assert found["error_kurtosis"] == pytest.approx(scipy.stats.kurtosis(errors, axis=1).mean(), abs=1e-2)


def test_weights_fitted_on_some_rows_serve_a_large_picture_as_well():
    large = white(512, 512) + 30 * np.sin(np.arange(512) / 9)
    errors, found = expected_errors(large.round().clip(0, 255)), values(large)
    assert found["error_deviation"] == pytest.approx(np.sqrt(errors.var(axis=1).mean()), rel=0.01)


def test_detail_that_gathers_is_foretold_from_what_is_near():
    """Noise whose strength drifts: the neighbours tell how strong, so little more is left to err than in even noise."""
    strength = 25 + 24 * np.sin(np.arange(256) / 20)
    gathered = 128 + np.random.default_rng(0).normal(0, 1, (256, 256)) * strength[:, None]
    detail = np.log2(np.abs(w.detail_bands(w.haar_packets(gathered.astype(np.float32)), 1)) + 1)
    assert values(gathered)["error_deviation"] < 0.9 * np.sqrt(detail.reshape(3, -1).var(axis=1).mean())


@pytest.mark.parametrize("side", [64, 200, 512])
def test_white_noise_is_even_at_every_scale_and_any_size(side):
    found = values(white(side, side))
    level = np.log10(np.sqrt(400 + 1 / 12)) + GAUSSIAN
    assert [found[f"band_{k}"] for k in range(5)] == pytest.approx([level] * 5, abs=6 / side + 0.01)
    assert [found["across_down"], found["corner_rise"]] == pytest.approx([0, 0], abs=0.02 + 14 / side)
    assert [found["deviation_coarse"], found["deviation_fine"]] == pytest.approx([0.47] * 2, abs=0.03)
    assert [found[f"kurtosis_{k}"] for k in (1, 2, 3)] == pytest.approx([0] * 3, abs=0.6 if side < 100 else 0.25)


def test_a_checkerboard_stands_out_in_the_finest_corner():
    y, x = np.indices((256, 256))
    assert values(white(sigma=3) + 6 * ((x + y) % 2))["corner_rise"] > values(white(sigma=3))["corner_rise"] + 0.5


def test_sparse_edges_have_heavy_tails_and_uneven_noise_a_wide_spread():
    y, x = np.indices((256, 256))
    # Odd edges: a Haar step sees only those that fall inside its pairs.
    squares = 100.0 + 60 * (((x + 1) // 33 + (y + 1) // 35) % 2)
    assert values(squares + white(sigma=2) - 128)["kurtosis_1"] > 10
    half = white()
    half[:, :128] = white(256, 128, sigma=2)
    assert values(half)["deviation_fine"] > values(white())["deviation_fine"] + 0.1


def test_stripes_across_and_down_are_mirror_images():
    stripes = white() + 30 * np.cos(np.arange(256) * 2.0)
    across, down = values(stripes)["across_down"], values(stripes.T)["across_down"]
    assert across > 0.01 and down == pytest.approx(-across, abs=1e-3)


def test_too_small_or_even_is_missing_and_a_blank_half_is_not():
    assert values(white(15, 40)) == {} and values(np.full((64, 64), 90.0)) == {}
    stripes = np.tile([100.0, 100.0, 140.0, 140.0], (64, 16))
    found = values(stripes)
    assert math.isnan(found["kurtosis_1"]) and found["error_mean"] == 0 and "error_skew" not in found


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 100), st.integers(0, 2**32 - 1))
def test_light_added_to_every_pixel_changes_nothing(height, width, light, seed):
    gray = np.random.default_rng(seed).integers(0, 150, (height, width)).astype(float)
    found, lighter = values(gray), values(gray + light)
    assert found.keys() == lighter.keys() and (found == {}) == (min(height, width) < 16)
    assert [found[k] for k in found] == pytest.approx([lighter[k] for k in found], nan_ok=True, abs=5e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_a_step_keeps_the_energy(height, width, seed):
    plane = np.random.default_rng(seed).normal(0, 50, (2 * height, 2 * width)).astype(np.float32)
    assert np.square(w.haar_step(plane)).sum() == pytest.approx(np.square(plane).sum(), rel=1e-4)
