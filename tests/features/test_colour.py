"""Colour against colorsys and numpy on single pixels, and histograms of pictures whose history is known."""

import colorsys
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.features.groups import colour as c
from cgid.features.signals import histograms
from cgid.features.signals import histograms as lv
from cgid.features.signals.histograms import histogram_combs, histogram_gaps
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo


def values(pixels: np.ndarray) -> dict[str, float]:
    return c.compute(ImageFile.from_bytes(encoded(pixels.astype(np.uint8)), "x.png"))


def noise(side: int = 128, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3))


def camera(side: int = 512) -> np.ndarray:
    """A smooth histogram: slopes of light with noise."""
    random = np.random.default_rng(0)
    light = 40 + 150 * np.indices((side, side)).sum(axis=0) / (2 * side)
    return (light[..., None] * (1, 0.9, 0.8) + random.normal(0, 6, (side, side, 3))).clip(0, 255).round()


def test_saturation_and_chroma_are_those_of_colorsys():
    pixels = noise(20)
    hsv = np.array([colorsys.rgb_to_hsv(*(p / 255)) for p in pixels.reshape(-1, 3)])
    found = values(pixels)
    assert found["saturation_mean"] == pytest.approx(hsv[:, 1].mean(), abs=1e-6)
    assert found["saturation_spread"] == pytest.approx(hsv[:, 1].std(), abs=1e-6)
    assert found["chroma_mean"] == pytest.approx((hsv[:, 1] * hsv[:, 2]).mean(), abs=1e-6)


@given(st.lists(st.tuples(*3 * [st.integers(0, 255)]), min_size=1, max_size=60), st.integers(1, 40))
def test_hues_are_those_of_colorsys(colours, least):
    expected = np.zeros(36)
    for red, green, blue in colours:
        if max(red, green, blue) - min(red, green, blue) >= least:
            degrees = colorsys.rgb_to_hsv(red, green, blue)[0] * 360
            expected[int(degrees / 10 + 1e-9) % 36] += 1
    found = histograms.hue_counts(*np.array(colours, np.uint8).T.copy(), least)
    assert np.array_equal(found, expected)


def test_correlations_and_cast_are_numpys():
    pixels = photo(90, 70) // 2 + np.random.default_rng(0).integers(0, 40, (70, 90, 3))
    found, rows = values(pixels), pixels.reshape(-1, 3)
    expected = np.corrcoef(rows.T)
    assert found["red_green"] == pytest.approx(expected[0, 1], abs=1e-9)
    assert found["green_blue"] == pytest.approx(expected[1, 2], abs=1e-9)
    assert found["red_blue"] == pytest.approx(expected[0, 2], abs=1e-9)
    mean = rows.mean(axis=0)
    assert found["cast"] == pytest.approx(np.linalg.norm(mean - mean.mean()) / mean.mean(), abs=1e-9)


def test_exposure_and_corners_are_counted():
    pixels = np.full((10, 10, 3), 100)
    pixels[0, :4] = 255  # over-exposed, a corner
    pixels[1, :3] = 0  # under-exposed, a corner
    pixels[2, :2] = (255, 0, 0)  # a corner: pure red
    pixels[3, :1] = (0, 90, 255)  # clipped, no corner
    pixels[4, :5] = (252, 251, 250)
    pixels[5, :6] = (5, 4, 1)
    found = values(pixels)
    assert found["over_share"] == 0.09 and found["under_share"] == 0.09
    assert found["corner_share"] == 0.09 and found["edge_share"] == 0.01


def test_a_stretched_histogram_has_gaps_and_a_cameras_has_none():
    made = camera()
    stretched = ((made - 30) * 1.5).clip(0, 255).round()
    assert values(made)["gap_share"] == 0 and values(made)["comb"] < 0.05
    assert values(stretched)["gap_share"] == pytest.approx(1 / 3, abs=0.03)  # 2 of 3 levels are hit
    assert values(stretched)["comb"] > 0.3


def test_a_compressed_range_piles_two_levels_onto_one():
    squeezed = np.floor(camera() * 0.75)  # four levels onto three
    found = values(squeezed)
    assert found["gap_share"] == 0 and found["comb"] > 0.1


def test_every_second_level_empty_is_a_full_comb_and_chance_is_none():
    every_second = np.tile([0.0, 900.0], 128)[None]
    assert histogram_combs(every_second)[0] == pytest.approx(1, abs=0.01)
    assert histogram_gaps(every_second)[0] == pytest.approx(0.5, abs=0.01)
    by_chance = np.random.default_rng(0).poisson([[4], [40], [4000]], (3, 256)).astype(float)
    assert np.all(histogram_combs(by_chance) < (0.15, 0.05, 0.01)) and np.all(histogram_gaps(by_chance)[1:] == 0)


def test_two_tones_and_few_pixels_are_no_gaps():
    two = np.zeros((1, 256))
    two[0, [20, 200]] = 5000
    few = np.zeros((1, 256))
    few[0, ::2] = 3
    assert histogram_gaps(two)[0] == 0 and histogram_gaps(few)[0] == 0
    assert np.isnan(histogram_gaps(np.zeros((1, 256)))[0]) and np.isnan(histogram_combs(np.zeros((1, 256)))[0])


def test_gap_shares_are_those_of_a_plain_loop():
    histograms = np.random.default_rng(0).choice([0, 0, 3, 8, 50], (30, 256)).astype(float)
    for histogram, found in zip(histograms, histogram_gaps(histograms)):
        first, last = np.flatnonzero(histogram)[[0, -1]]
        gaps = sum(
            histogram[k] == 0 and max(histogram[max(0, k - 3) : k]) >= 8 and max(histogram[k + 1 : k + 4]) >= 8
            for k in range(first + 1, last)
        )
        assert found == pytest.approx(gaps / (last - first + 1))


def test_grey_pictures_have_no_hue_and_channels_that_agree():
    found = values(np.repeat(noise()[..., :1], 3, axis=2))
    assert "hue_entropy" not in found and "hue_main_share" not in found  # they become NaN in the table
    assert found["saturation_mean"] == found["coloured_share"] == found["cast"] == 0
    assert found["red_green"] == found["red_blue"] == 1


def test_one_even_colour_has_one_hue_and_no_correlation():
    found = values(np.full((64, 64, 3), (200, 100, 100)))
    assert found["hue_entropy"] == 0 and found["hue_main_share"] == 1 and found["saturation_mean"] == 0.5
    assert math.isnan(found["red_green"]) and math.isnan(found["gap_share"])
    assert found["distinct_share"] == pytest.approx(1 / 4096)


def test_distinct_colours_are_those_of_a_set():
    pixels = noise(64) // 32
    expected = len({tuple(p) for p in pixels.reshape(-1, 3)})
    assert values(pixels)["distinct_share"] == expected / 4096


def test_highlights_are_the_brightest_twentieth():
    pixels = np.full((100, 100, 3), 60)
    pixels[:5] = (250, 240, 200)
    assert values(pixels)["highlight_chroma"] == pytest.approx(50 / 255)


def test_every_second_row_and_column_says_what_all_say(monkeypatch):
    some = values(camera())
    monkeypatch.setattr(c, "SAMPLED_SIDE", 512)
    every = values(camera())
    assert all(some[name] == pytest.approx(every[name], abs=0.03, nan_ok=True) for name in every)


@pytest.mark.parametrize("side", [20, 200])
def test_counts_are_numpys_at_any_size(side):
    made = noise(side).astype(np.uint8)[..., 0]
    assert np.array_equal(lv.counts(made), np.bincount(made.ravel(), minlength=256))
    assert np.array_equal(lv.counts(made[1:, 3:]), np.bincount(made[1:, 3:].ravel(), minlength=256))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1), st.integers(1, 256))
def test_any_size_gives_shares_within_their_bounds(height, width, seed, tones):
    found = values(np.random.default_rng(seed).integers(0, tones, (height, width, 3)))
    for feature in c.GROUP.features:
        value = found.get(feature.name, math.nan)
        low, high = {"share 0..1": (0, 1), "-1..1": (-1, 1), "bits": (0, math.log2(36))}.get(
            feature.unit, (0, math.inf)
        )
        assert math.isnan(value) or low <= value <= high + 1e-9, feature.name
    assert not math.isnan(found["saturation_mean"])


@pytest.mark.real
def test_generated_images_over_expose_less_as_published(shared_data):
    """McCloskey and Albright report 0.70 for wholly generated images of their own generators."""
    from sklearn.metrics import roc_auc_score

    folder, found = shared_data / "photo_ai" / "diffusiondb_vs_coco_imagenet", []
    for name in ("fake", "real"):
        found += [c.compute(ImageFile.open(p))["over_share"] for p in sorted((folder / name).iterdir())[:60]]
    assert roc_auc_score([0] * 60 + [1] * 60, found) > 0.6
