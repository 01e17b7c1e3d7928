"""Every degradation against an independent source; each leaves less of the image the higher its level; none is random."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from cgid.robustness import degradation
from cgid.robustness.degradation import all_degradations, in_strips, random_of
from cgid.robustness.points import Condition, all_conditions

EACH = pytest.mark.parametrize("made", all_degradations().values(), ids=lambda d: d.name)
SHA256 = "ab" * 32


def picture(height: int = 90, width: int = 120) -> np.ndarray:
    """A smooth scene with fine texture on it."""
    random = np.random.default_rng(3)
    coarse = Image.fromarray(random.integers(40, 215, (6, 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    return np.rint(smooth + random.normal(0, 8, smooth.shape)).clip(0, 255).astype(np.uint8)


def degraded(name: str, level: float, rgb: np.ndarray, seed: int = 1, sha256: str = SHA256) -> np.ndarray:
    return Condition(degradation=name, level=level).of(rgb, sha256, seed)


def test_jpeg_is_what_pillow_saves_at_that_quality():
    rgb, buffer = picture(), BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=40)
    np.testing.assert_array_equal(degraded("jpeg", 40, rgb), np.asarray(Image.open(buffer)))


def test_blur_is_scipys_gaussian_rounded_to_levels():
    rgb = picture()
    expected = gaussian_filter(rgb.astype(float), sigma=(1.5, 1.5, 0))
    assert np.abs(degraded("blur", 1.5, rgb) - expected).max() <= 0.51
    assert degraded("blur", 0, rgb) is rgb


def test_smaller_is_pillows_lanczos_and_keeps_at_least_a_pixel():
    rgb = picture()
    expected = np.asarray(Image.fromarray(rgb).resize((60, 45), Image.Resampling.LANCZOS))
    np.testing.assert_array_equal(degraded("resize", 0.5, rgb), expected)
    assert degraded("resize", 0.25, rgb[:1, :1]).shape == (1, 1, 3)


def test_noise_has_the_deviation_it_names_and_no_mean():
    grey = np.full((300, 300, 3), 128, np.uint8)
    difference = degraded("noise", 5, grey).astype(float) - 128
    assert difference.mean() == pytest.approx(0, abs=0.05)
    assert difference.std() == pytest.approx(np.sqrt(25 + 1 / 12), rel=0.01)  # plus the rounding to whole levels
    assert abs(np.corrcoef(difference[..., 0].ravel(), difference[..., 1].ravel())[0, 1]) < 0.02


def test_noise_is_the_images_own_and_only_louder_at_the_next_level():
    grey = np.full((60, 60, 3), 128, np.uint8)
    soft, loud = (degraded("noise", level, grey).astype(float) - 128 for level in (5, 20))
    assert np.corrcoef(soft.ravel(), loud.ravel())[0, 1] > 0.99
    for other in (degraded("noise", 5, grey, seed=2), degraded("noise", 5, grey, sha256="cd" * 32)):
        assert abs(np.corrcoef(soft.ravel(), other.ravel().astype(float))[0, 1]) < 0.1


@EACH
def test_levels_rise_in_strength_and_lie_within_their_bounds(made):
    rgb = picture()

    def lost(level: float) -> float:
        result = Image.fromarray(made.apply(rgb, level, random_of(1, SHA256, made.name)))
        return float(np.mean((np.asarray(result.resize((120, 90), 2)).astype(float) - rgb) ** 2))

    losses = [lost(level) for level in made.levels]
    assert losses == sorted(losses) and losses[0] < losses[-1]
    assert all(made.bounds[0] <= level <= made.bounds[1] for level in made.levels)
    assert made.title and made.unit and "{" not in made.describe(made.levels[0])


@EACH
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (33, 2), (50, 70)])
def test_any_size_gives_an_image_again_the_same_each_time(made, shape):
    rgb = picture(*shape)
    rgb.setflags(write=False)
    for level in made.levels:
        first, second = (degraded(made.name, level, rgb) for _ in range(2))
        assert first.dtype == np.uint8 and first.ndim == 3 and min(first.shape) >= 1
        np.testing.assert_array_equal(first, second)


@EACH
def test_strips_that_bound_memory_change_no_pixel(made, monkeypatch):
    rgb = picture(203, 64)
    whole = [degraded(made.name, level, rgb) for level in made.levels]
    monkeypatch.setattr(degradation, "STRIP_PIXELS", 64 * 20)
    for level, expected in zip(made.levels, whole):
        np.testing.assert_array_equal(degraded(made.name, level, rgb), expected)


def test_a_strip_sees_its_neighbours_rows():
    rgb = np.arange(40, dtype=np.uint8).reshape(40, 1, 1).repeat(3, 2)
    seen = []
    in_strips(rgb, 45, lambda rows: seen.append(len(rows)) or rows)
    assert seen == [40]


def test_points_are_the_tiers_and_every_level_each_in_words():
    points = all_conditions()
    assert [p.tier for p in points[:3]] == ["clean", "web", "hard"]
    assert len(points) == 3 + sum(len(d.levels) for d in all_degradations().values())
    titles = [p.title for p in points]
    assert len(set(titles)) == len(titles) and "JPEG quality 60" in titles
    assert titles[1] == "the tier web (long side at most 768 px, JPEG quality 60)"
