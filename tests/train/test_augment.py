"""Augmentation: what each step does to pixels, how often, and that it follows from seed, epoch and row alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy import stats
from scipy.ndimage import gaussian_filter

from cgid.errors import InputError
from cgid.imaging.degrade import gaussian_blur, gaussian_noise
from cgid.imaging.jpeg_encode import reencode
from cgid.models.image_cache import Images, shift_margin
from cgid.models.preprocess import Preprocess
from cgid.train import augment
from cgid.train.augment import PRESETS, Preset, RandomTransform, SampledPreset
from cgid.train.loader import SampledAugmentation, augment_batch

PICTURE = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
NAMES = [f.name for f in fields(SampledPreset)]


def smooth() -> np.ndarray:
    return gaussian_filter(PICTURE.astype(float), (2, 2, 0)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0, 2.7, 3.0])
def test_blur_is_scipys_gaussian(sigma):
    expected = gaussian_filter(PICTURE.astype(float), (sigma, sigma, 0))
    assert np.abs(gaussian_blur(PICTURE, sigma) - expected).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("quality", [30, 75, 100])
def test_jpeg_is_pillows_and_opencvs_lies_near_it(quality):
    buffer = BytesIO()
    Image.fromarray(smooth()).save(buffer, "JPEG", quality=quality)
    pillow = np.asarray(Image.open(buffer))
    np.testing.assert_array_equal(reencode(smooth(), quality), pillow)
    opencv = reencode(smooth(), quality, encoder="opencv")
    assert np.abs(opencv.astype(float) - pillow).mean() < 3, "channels in order, same quality scale"


def test_scaling_and_cropping_are_pillows():
    bicubic = Image.Resampling.BICUBIC
    expected = Image.fromarray(PICTURE).resize((40, 40), bicubic).resize((64, 64), bicubic)
    np.testing.assert_array_equal(augment.downscale_and_restore(PICTURE, 0.625, bicubic), np.asarray(expected))
    expected = Image.fromarray(PICTURE).crop((16, 0, 64, 48)).resize((64, 64), bicubic)
    found = augment.crop_and_resize(PICTURE, 0.75, np.array([0.0, 0.999]), bicubic)
    np.testing.assert_array_equal(found, np.asarray(expected))
    assert augment.crop_and_resize(PICTURE[:8, :8], 0.1, np.array([0.5, 0.5]), bicubic).shape == (8, 8, 3)


def test_noise_has_the_deviation_asked_for_and_stays_within_bytes():
    grey = np.full((200, 200, 3), 128, np.uint8)
    noise = gaussian_noise(grey, 4.0, np.random.default_rng(1)).astype(float) - 128
    assert abs(noise.mean()) < 0.05
    assert noise.std() == pytest.approx(np.hypot(4, 1 / np.sqrt(12)), rel=0.01)
    white = gaussian_noise(np.full((50, 50, 3), 255, np.uint8), 4.0, np.random.default_rng(1))
    assert white.min() > 225 and white.max() == 255


def test_cnndetection_draws_as_its_paper_says():
    n = 20_000
    draws = SampledPreset.of(PRESETS["cnndetection"], n, seed=1, epoch=0)
    assert (draws.blur > 0).mean() == pytest.approx(0.5, abs=0.015)
    assert (draws.quality > 0).mean() == pytest.approx(0.5, abs=0.015)
    assert stats.kstest(draws.blur[draws.blur > 0], stats.uniform(0, 3).cdf).pvalue > 1e-3
    counts = np.bincount(draws.quality[draws.quality > 0], minlength=101)
    assert counts[:30].sum() == 0 and len(counts) == 101
    assert stats.chisquare(counts[30:]).pvalue > 1e-3
    assert draws.opencv.mean() == pytest.approx(0.5, abs=0.015)
    both = ((draws.blur > 0) & (draws.quality > 0)).mean()
    assert both == pytest.approx(0.25, abs=0.015), "the two are drawn apart"
    assert (draws.crop == 1).all() and (draws.scale == 1).all() and (draws.noise == 0).all()


def test_web_uses_every_step_at_its_share_within_its_range():
    draws, web = SampledPreset.of(PRESETS["web"], 20_000, seed=3, epoch=2), PRESETS["web"]
    for values, step, none in (
        (draws.crop, web.crop, 1),
        (draws.scale, web.resize, 1),
        (draws.blur, web.blur, 0),
        (draws.noise, web.noise, 0),
        (draws.quality, web.jpeg, 0),
    ):
        happened = values[values != none]
        assert len(happened) / 20_000 == pytest.approx(step.probability, abs=0.015)
        assert step.low <= happened.min() and happened.max() <= step.high
    assert set(draws.kernel) == {0, 1, 2}


def test_draws_follow_from_seed_and_epoch_and_differ_between_them():
    one, again = (SampledPreset.of(PRESETS["web"], 50, 7, 3) for _ in range(2))
    for name in NAMES:
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    for other in (SampledPreset.of(PRESETS["web"], 50, 7, 4), SampledPreset.of(PRESETS["web"], 50, 8, 3)):
        assert not np.array_equal(one.quality, other.quality)
        assert (
            not np.array_equal(one.apply(PICTURE, 0), other.apply(PICTURE, 0))
            or one.quality[0] == other.quality[0] == 0
        )


@pytest.mark.parametrize("size", [8, 32, 65])
def test_every_step_at_once_keeps_shape_and_type(size):
    always = Preset(
        *(RandomTransform(1, low, high) for low, high in ((0.1, 0.9), (0.1, 0.9), (0.1, 3), (1, 9), (30, 100))), 0.5
    )
    draws = SampledPreset.of(always, 20, 0, 0)
    for i in range(20):
        made = draws.apply(PICTURE[:size, :size] if size <= 64 else np.pad(PICTURE, ((0, 1), (0, 1), (0, 0))), i)
        assert made.shape == (size, size, 3) and made.dtype == np.uint8


def test_batches_get_the_same_pixels_whatever_is_with_them_and_nothing_without_a_preset(tmp_path):
    for i in range(6):
        Image.fromarray(PICTURE[i:]).save(tmp_path / f"{i}.png")
    preprocess = Preprocess(32, "resize")
    with ThreadPoolExecutor(2) as pool:
        images = Images(
            [str(tmp_path / f"{i}.png") for i in range(6)], preprocess, pool, shift_margin(preprocess), 10**7
        )
        images.fill(lambda done, total: None)
        plain = SampledAugmentation.of(6, False, 0.0, 1, 0)
        web = SampledAugmentation.of(6, False, 0.0, 1, 0, PRESETS["web"])
        np.testing.assert_array_equal(plain.shift, web.shift)
        whole = augment_batch(images, np.arange(6), web)
        alone = np.concatenate([augment_batch(images, np.array([i]), web) for i in (4, 2)])
        np.testing.assert_array_equal(
            whole, augment_batch(images, np.arange(6), web, pool), "however many threads make it"
        )
        without = augment_batch(images, np.arange(6), plain)
    np.testing.assert_array_equal(whole[[4, 2]], alone)
    np.testing.assert_array_equal(whole, [web.preset.apply(view, i) for i, view in enumerate(without)])
    assert not np.array_equal(whole, without)


def test_an_unknown_preset_is_one_clear_line():
    with pytest.raises(InputError, match="'blurry' is not one of none, web, cnndetection"):
        augment.preset("blurry")
