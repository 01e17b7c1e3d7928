"""Each input representation computes what its definition says, and is as exact in half precision and in odd sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cgid.errors import InputError
from cgid.models.preprocess import MEAN, STD, Preprocess
from cgid.models.representation import all_representations, representation
from cgid.models.representations import log_spectrum, npr, srm

FIXED = [name for name, r in all_representations().items() if r.build]


def picture(size: int, seed: int = 0) -> np.ndarray:
    """uint8 (size, size, 3): a ramp under noise."""
    ramp = np.linspace(40, 200, size)[:, None, None] + np.zeros((size, size, 3))
    return (ramp + np.random.default_rng(seed).normal(0, 12, ramp.shape)).clip(0, 255).astype(np.uint8)


def seen(name: str, rgb: np.ndarray) -> np.ndarray:
    """What the network is given: (channels, S, S)."""
    size = rgb.shape[0]
    batch = torch.from_numpy(Preprocess(size).apply(rgb)[None])
    return representation(name).build(size)(batch)[0].double().numpy()


@pytest.mark.parametrize("size", [8, 9])
def test_npr_is_the_difference_to_the_first_pixel_of_each_block(size):
    rgb = picture(size).astype(float)
    expected = np.empty((3, size, size))
    for y in range(size):
        for x in range(size):
            expected[:, y, x] = (rgb[y, x] - rgb[y - y % 2, x - x % 2]) / npr.LEVELS
    np.testing.assert_allclose(seen("npr", picture(size)), expected, atol=1e-4)


def test_srm_is_three_truncated_residuals_of_each_colour():
    rgb = picture(9)
    rgb[3, 3] = 255  # an edge that is truncated
    padded = np.pad(rgb.astype(float), ((2, 2), (2, 2), (0, 0)), mode="reflect")
    expected = np.empty((9, 9, 9))
    for colour in range(3):
        for k, (divisor, weights) in enumerate(srm.FILTERS):
            for y in range(9):
                for x in range(9):
                    around = padded[y : y + 5, x : x + 5, colour]
                    expected[3 * colour + k, y, x] = (around * np.array(weights)).sum() / divisor
    assert (np.abs(expected) > srm.T).any() and (np.abs(expected) < srm.T).any()
    np.testing.assert_allclose(seen("srm", rgb), expected.clip(-srm.T, srm.T) / srm.SCALE, atol=2e-4)


def test_srm_does_not_see_a_flat_or_a_sloping_surface():
    slope = np.broadcast_to(np.arange(32, dtype=np.uint8)[None, :, None] * 3, (32, 32, 3))
    assert np.abs(seen("srm", slope)[:, 3:-3, 3:-3]).max() < 1e-3
    assert all(np.sum(weights) == 0 for _, weights in srm.FILTERS)


@pytest.mark.parametrize("size", [16, 33])
def test_log_spectrum_is_numpys_fourier_transform(size):
    rgb = picture(size)
    wave = ((rgb / 255 - MEAN) / STD).transpose(2, 0, 1)
    wave = wave - wave.mean(axis=(1, 2), keepdims=True)
    spectrum = np.fft.fftshift(np.fft.fft2(wave, norm="ortho"), axes=(1, 2))
    magnitude = np.sqrt(np.abs(spectrum) ** 2 + log_spectrum.FLOOR**2)
    expected = (np.log(magnitude) - log_spectrum.CENTRE) / log_spectrum.SPREAD
    np.testing.assert_allclose(seen("log_spectrum", rgb), expected, atol=1e-3)


def test_a_wave_is_a_peak_of_the_log_spectrum_at_its_frequency():
    wave = 128 + 60 * np.cos(2 * np.pi * 5 * np.arange(32) / 32)
    found = seen("log_spectrum", np.broadcast_to(wave[None, :, None], (32, 32, 3)).astype(np.uint8))[0]
    assert set(np.argsort(found.ravel())[-2:]) == {16 * 32 + 16 - 5, 16 * 32 + 16 + 5}


@pytest.mark.parametrize("name", FIXED)
def test_it_is_fixed_and_gives_the_channels_it_promises(name):
    made = representation(name)
    layer = made.build(32)
    assert not list(layer.parameters()) and not layer.state_dict()
    assert layer(torch.randn(2, 3, 32, 32)).shape == (2, made.channels, 32, 32)


@pytest.mark.parametrize("name", FIXED)
def test_half_precision_of_the_network_does_not_touch_it(name):
    layer, batch = representation(name).build(16), torch.randn(2, 3, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = layer(batch)
    assert torch.equal(mixed, layer(batch))


@pytest.mark.parametrize("name", all_representations())
def test_it_says_what_the_network_sees(name):
    made = representation(name)
    assert made.title and made.meaning.endswith(".")
    assert made.build is None or made.paper.startswith("https://")


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(InputError, match=r"log_spectrum, npr, rgb, srm"):
        representation("wavelet")
