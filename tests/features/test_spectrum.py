"""The spectrum against numpy's plain FFT, and on patterns whose frequency is known."""

import numpy as np
import pytest

from cgid.features.groups import spectrum
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded


def values(gray: np.ndarray) -> dict[str, float]:
    pixels = np.repeat(gray.round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return spectrum.compute(ImageFile.from_bytes(encoded(pixels), "x.png"))


def white(height=256, width=256, sigma=10.0, seed=0):
    return np.random.default_rng(seed).normal(128, sigma, (height, width))


def falling(exponent: float, side=512, seed=0) -> np.ndarray:
    """Noise whose power falls as frequency ** exponent."""
    f = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    f[0, 0] = 1
    made = np.fft.ifft2(np.fft.fft2(white(side, side, seed=seed)) * f ** (exponent / 2)).real
    made -= made.mean()
    return 128 + made / made.std() * 30


@pytest.mark.parametrize("shape", [(64, 64), (48, 80), (50, 67)])
def test_power_and_profile_agree_with_numpys_whole_plane(shape):
    gray = white(*shape).astype(np.float32)
    height, width = (n // 8 * 8 for n in shape)
    window = np.outer(np.hanning(height + 1)[:-1], np.hanning(width + 1)[:-1])
    cut = gray[:height, :width].astype(float)
    whole = np.abs(np.fft.fft2((cut - cut.mean()) * window)) ** 2 / (window**2).sum() + spectrum.FLOOR
    half = spectrum.half_power(gray)
    assert np.allclose(half, whole[:, : width // 2 + 1], rtol=2e-3, atol=1e-3)
    y, x = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    ring = np.minimum((np.hypot(y, x) / spectrum.MAX_RADIUS * spectrum.RINGS).astype(int), spectrum.RINGS - 1)
    used = ~((np.abs(y) < 1.5 / height) & (np.abs(x) < 1.5 / width))
    profile, _ = spectrum.radial(np.log10(half))
    for k in (10, 30, 50):
        expected = np.log10(whole)[(ring == k) & used]
        assert profile[k] == pytest.approx(expected.mean(), abs=2e-3) if expected.size else np.isnan(profile[k])


def test_white_noise_has_its_variance_in_every_band_at_any_size():
    for side, chance in ((128, 0.12), (512, 0.03)):
        found = values(white(side, side))
        # The mean of log10 of an exponential variable lies 0.2507 below the log10 of its mean.
        expected = np.log10(100 + 1 / 12) - 0.2507
        assert [found[f"band_{k}"] for k in range(1, 10)] == pytest.approx([expected] * 9, abs=chance)
        assert found["slope"] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("exponent", [-2, -3])
def test_the_slope_is_the_exponent(exponent):
    found = values(falling(exponent))
    assert found["slope"] == pytest.approx(exponent, abs=0.15)
    assert found["fit_error"] < 0.15


@pytest.mark.parametrize("n", [2, 4, 8])
def test_a_pattern_of_period_n_peaks_at_one_nth_only(n):
    pattern = 6 * np.cos(2 * np.pi * np.arange(256) / n)
    even = white()
    rises = {m: values(even + pattern)[f"peak_{m}"] - values(even)[f"peak_{m}"] for m in (2, 4, 8)}
    assert rises[n] > 0.05
    assert all(abs(rise) < 0.02 for m, rise in rises.items() if m != n)


def test_an_uneven_transposed_convolution_peaks_at_one_half():
    """Zeros between the pixels, then a kernel whose even and odd taps differ in sum: the checkerboard of generators."""
    small = falling(-2, 128)
    spread = np.zeros((256, 256))
    spread[::2, ::2] = small
    for axis, kernel in ((0, [0.5, 0.9, 0.5]), (1, [0.5, 0.9, 0.5])):
        spread = np.apply_along_axis(np.convolve, axis, spread, kernel, mode="same")
    assert values(spread)["peak_2"] > values(falling(-2, 256))["peak_2"] + 1


def test_stripes_across_and_down_differ_in_sign():
    stripes = white() + 20 * np.cos(np.arange(256) * 2.2)[None]
    assert values(stripes)["anisotropy"] > 0.02 > -0.02 > values(stripes.T)["anisotropy"]


def test_high_share_of_white_noise_is_the_share_of_the_plane():
    y, x = np.fft.fftfreq(512)[:, None], np.fft.fftfreq(512)[None]
    ring = (np.hypot(y, x) / spectrum.MAX_RADIUS * spectrum.RINGS).astype(int)
    expected = (ring >= np.ceil(spectrum.HIGH_BAND / spectrum.MAX_RADIUS * spectrum.RINGS)).mean()
    assert values(white(512, 512))["high_share"] == pytest.approx(expected, abs=0.01)


def test_too_small_or_flat_is_missing():
    assert values(white(15, 40)) == {} and values(np.full((64, 64), 9.0)) == {}
    assert np.isnan(values(white(24, 24))["peak_2"])
