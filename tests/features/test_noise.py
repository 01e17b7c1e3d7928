"""Noise measures against scipy, and on noise whose properties are known because it was made so."""

import math

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import scipy.stats

from cgid.features.groups import noise
from cgid.features.signals import noise_residual as r
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo


def white(sigma: float, shape=(512, 512), seed=0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, sigma, shape).astype(np.float32)


def values(gray: np.ndarray) -> dict[str, float]:
    pixels = np.repeat(gray.round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return noise.compute(ImageFile.from_bytes(encoded(pixels), "x.png"))


def test_the_residual_is_scipys_wiener():
    gray = photo(90, 60)[..., 1].astype(np.float32)
    mean = scipy.ndimage.uniform_filter(gray.astype(float), 3, mode="reflect")
    power = scipy.ndimage.uniform_filter(gray.astype(float) ** 2, 3, mode="reflect") - mean**2
    expected = gray - scipy.signal.wiener(gray.astype(float), (3, 3), noise=power.mean())
    assert np.allclose(r.wiener_residual(gray)[2:-2, 2:-2], expected[2:-2, 2:-2], atol=1e-2)


def test_moments_and_neighbours_agree_with_scipy():
    made = np.random.default_rng(0).gamma(2, 3, (80, 70)).astype(np.float32)
    made = scipy.ndimage.uniform_filter(made, (1, 3))
    variance, skew, kurtosis, across, down = r.statistics(made)
    assert variance == pytest.approx(made.var(), rel=1e-4)
    assert skew == pytest.approx(scipy.stats.skew(made.ravel()), rel=1e-3)
    assert kurtosis == pytest.approx(scipy.stats.kurtosis(made.ravel()), rel=1e-2)
    assert across == pytest.approx(np.corrcoef(made[:, :-1].ravel(), made[:, 1:].ravel())[0, 1], abs=0.01)
    assert down == pytest.approx(np.corrcoef(made[:-1].ravel(), made[1:].ravel())[0, 1], abs=0.01)


@pytest.mark.parametrize("side", [64, 128, 300, 450, 512])
def test_white_noise_is_flat_at_any_size_and_a_pattern_is_not(side):
    made = white(5, (side, side))
    assert r.flatness(made) == pytest.approx(1, abs=0.06)
    stripes = made + 20 * np.sin(np.arange(side) * np.pi / 4).astype(np.float32)
    assert r.flatness(stripes) < 0.6


@pytest.mark.parametrize("sigma", [2.0, 8.0])
def test_immerkaer_finds_the_noise_level_also_on_a_slope(sigma):
    slope = np.linspace(-60, 60, 512, dtype=np.float32)
    assert values(white(sigma) + slope)["sigma"] == pytest.approx(sigma, rel=0.05)


def test_a_cameras_noise_grows_with_light():
    random = np.random.default_rng(0)
    light = np.repeat(np.linspace(20, 230, 512)[None], 512, axis=0)
    camera = light + random.normal(0, 1, light.shape) * np.sqrt(2 + 0.1 * light)
    found = values(camera)
    # The flattest quarter of blocks is chosen, which reads low by about a fifth.
    assert found["brightness_slope"] == pytest.approx(0.1, rel=0.4)
    assert found["brightness_correlation"] > 0.95
    even = values(light + random.normal(0, 3, light.shape))
    assert abs(even["brightness_slope"]) < 0.01


def test_a_smoothed_half_is_inconsistent():
    even = white(6)
    half = even.copy()
    half[:, :256] = scipy.ndimage.gaussian_filter(half[:, :256], 1.5)
    assert values(even)["inconsistency_score"] < 0.1
    assert values(half)["inconsistency_score"] > 0.4
    assert values(half)["unevenness"] > 3 * values(even)["unevenness"]
    assert values(half)["anomaly_score"] > values(even)["anomaly_score"]


def test_where_there_is_nothing_to_measure_it_is_missing():
    assert values(np.full((5, 5), 100.0)) == {}
    flat = values(np.full((128, 128), 100.0))
    assert flat["variance"] == 0 and math.isnan(flat["spectral_flatness"]) and math.isnan(flat["skew"])
    assert math.isnan(flat["anomaly_score"])
