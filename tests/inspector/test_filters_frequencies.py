"""The filters of frequencies, each on a made picture of which the answer is known."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from cgid.charts.inspector import radial_spectrum
from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import FilterResult, all_filters
from cgid.inspector.filters.autocorrelation import correlation
from cgid.inspector.filters.frequency_split import band_gain
from cgid.inspector.filters.spectrum import power_spectrum
from cgid.inspector.view import View

RNG = np.random.default_rng(8)
NOISE = RNG.normal(0, 12, (192, 256))


def view(pixels: np.ndarray, kind: str = "PNG", **how: object) -> View:
    buffer = io.BytesIO()
    Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8)).convert("RGB").save(buffer, kind, **how)
    return View(ImageFile.from_bytes(buffer.getvalue(), "made"))


def drawn(name: str, looked: View, **given: object) -> FilterResult:
    return all_filters()[name].run(looked, given)


def stripes(across: float, down: float = 0.0, size: tuple[int, int] = (192, 256)) -> np.ndarray:
    """±1, with so many cycles per px to the right and downwards."""
    row, column = np.mgrid[: size[0], : size[1]]
    return np.cos(2 * np.pi * (across * column + down * row))


def share(found: FilterResult) -> float:
    return float(re.search(r"holds ([\d.]+) %", found.finding).group(1))


def test_a_band_keeps_the_stripes_that_lie_in_it() -> None:
    fine, coarse = stripes(0.4), stripes(0.05)
    looked = view(128 + 30 * fine + 30 * coarse)
    inside = drawn("frequency_split", looked, band=(40.0, 142.0), amplify=1.0).picture.astype(float) - 128
    assert np.corrcoef(inside.ravel(), fine.ravel())[0, 1] > 0.99
    outside = drawn("frequency_split", looked, band=(40.0, 142.0), shown="outside the band").picture.astype(float)
    assert np.corrcoef(outside.ravel(), coarse.ravel())[0, 1] > 0.99 and outside.mean() == pytest.approx(128, abs=1)
    assert share(drawn("frequency_split", looked, band=(40.0, 142.0))) == pytest.approx(50, abs=2)
    assert share(drawn("frequency_split", looked, band=(0.0, 142.0))) == pytest.approx(100, abs=0.1)


def test_the_edges_of_the_band_let_half_through_and_the_period_is_named() -> None:
    kept = band_gain((200, 200), 20, 60, 4)
    assert kept[0, 20] == pytest.approx(0.5, abs=0.01) and kept[0, 60] == pytest.approx(0.5, abs=0.01)
    assert kept[0, 35] > 0.97 and kept[0, 0] == 0 and kept[0, 5] < 0.01
    assert "periods of 3.3 px to 10.0 px" in drawn("frequency_split", view(128 + NOISE), band=(20.0, 60.0)).finding


def test_the_band_is_shaded_under_the_curve() -> None:
    columns = drawn("frequency_split", view(128 + NOISE), band=(20.0, 60.0)).columns
    assert (columns["from"][0], columns["to"][0]) == pytest.approx((0.1, 0.3))
    assert np.median(columns["level"][20:]) == pytest.approx(10 * np.log10(144) - 2.5, abs=0.5)
    layers = radial_spectrum(columns).to_dict()["layer"]
    assert [layer["mark"]["type"] for layer in layers] == ["rect", "rule", "line"]


def test_a_smooth_band_does_not_ring_at_a_step() -> None:
    step = np.full((64, 128), 60.0)
    step[:, 64:] = 180
    low = drawn("frequency_split", view(step), band=(0.0, 30.0), order=1).picture[32].astype(int)
    assert low[:20].max() <= 62 and low.min() >= 58 and low.max() <= 182


def test_the_whole_plane_of_the_spectrum_is_that_of_a_plain_transform() -> None:
    values = NOISE[:48, :64].astype(np.float32)
    taper = np.outer(np.hanning(49)[:48], np.hanning(65)[:64])
    power = np.abs(np.fft.fftshift(np.fft.fft2((values - values.mean()) * taper))) ** 2 / np.square(taper).sum()
    assert power_spectrum(values) == pytest.approx(10 * np.log10(power + 1e-4), abs=0.05)


@pytest.mark.parametrize(
    ("across", "down", "told"),
    [(1 / 5, 0, "5.00 px across"), (0, 1 / 3, "3.00 px down"), (3 / 32, 1 / 8, "6.40 px slanting down by 53°")],
)
def test_stripes_in_noise_are_one_peak_named_by_its_period(across: float, down: float, told: str) -> None:
    size = (240, 320)
    noise = np.random.default_rng(1).normal(0, 8, size)
    found = drawn("spectrum", view(128 + noise + 3 * stripes(across, down, size)))
    assert found.finding.startswith(f"1 peak stands out, with a period of {told}")
    assert not found.aligned and found.picture.shape == (240, 320, 3)


def test_noise_has_no_peak_and_an_enlarged_picture_has() -> None:
    assert "No peak" in drawn("spectrum", view(128 + NOISE)).finding
    assert "No peak" in drawn("spectrum", view(128 + NOISE), of="fine residual").finding
    doubled = (128 + NOISE[:96, :128]).repeat(2, axis=0).repeat(2, axis=1)
    doubled[::2, ::2] += 3  # as a transposed convolution leaves it
    assert "2.00 px" in drawn("spectrum", view(doubled)).finding


def test_a_grid_of_eight_px_is_named_and_a_straight_edge_is_no_pattern() -> None:
    pixels = 128 + NOISE / 3
    pixels[::8] += 6
    pixels[:, ::8] += 6
    found = drawn("spectrum", view(pixels))
    assert "8.00 px" in found.finding and "where JPEG's blocks and up-sampling leave peaks" in found.finding
    dots = 128 + NOISE / 3
    dots[::8, ::8] += 40
    assert re.search(r"[1-9]\d* of \d+ lie on the 8 px grid", drawn("autocorrelation", view(dots)).finding)
    line = 128 + NOISE / 3
    line[:, 128:] += 60
    assert "does not repeat" in drawn("autocorrelation", view(line)).finding
    assert "No peak" in drawn("spectrum", view(line)).finding
    ribs = 128 + NOISE / 3 + 4 * stripes(0.3, 0.1)
    assert "1/8" not in drawn("spectrum", view(ribs)).finding


def test_the_curve_is_level_for_white_noise() -> None:
    columns = drawn("spectrum", view(128 + NOISE)).columns
    assert columns["frequency"][[0, -1]] == pytest.approx([0, 0.5])
    # The mean logarithm of exponentially distributed power lies 2.5 dB below the logarithm of its mean, the variance.
    assert np.median(columns["level"][20:]) == pytest.approx(10 * np.log10(144) - 2.5, abs=0.3)


def test_the_correlation_is_that_of_a_plain_sum() -> None:
    values = NOISE[:24, :30].astype(np.float32)
    centred = values - values.mean()
    found = correlation(values, of_logarithm=False)
    assert found.shape == (24, 30)
    for down, across in ((0, 0), (1, 0), (-3, 5), (7, -2)):
        shifted = np.roll(centred, (down, across), axis=(0, 1))
        expected = (centred * shifted).sum() / np.square(centred).sum()
        assert found[12 + down, 15 + across] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("method", ["autocorrelation", "cepstrum"])
def test_a_copied_area_shows_by_its_distance(method: str) -> None:
    pixels = 128 + NOISE
    pixels[80:176, 120:232] = pixels[48:144, 80:192].copy()
    found = drawn("autocorrelation", view(pixels), method=method, reach=64)
    assert "shifted by 40 px right and 32 px down" in found.finding
    assert "does not repeat" in drawn("autocorrelation", view(128 + NOISE), method=method, reach=64).finding


def test_pictures_too_small_to_transform_say_so() -> None:
    tiny = view(np.full((5, 5), 90))
    assert "below 16 px" in drawn("spectrum", tiny).finding and "below 16 px" in drawn("autocorrelation", tiny).finding
    assert "0.00 %" in drawn("frequency_split", tiny).finding
