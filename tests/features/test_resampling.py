"""Resampling: a known factor is found at the frequency that arithmetic foretells; untouched pictures show none."""

from __future__ import annotations

import io
import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cgid.features.groups.resampling import BINS, DETECTION_THRESHOLD, compute, profile, relative_amplitude
from cgid.imaging.image_file import ImageFile

NAMES = ("astronaut", "chelsea", "coffee")
METHODS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)


@cache
def natural(name: str) -> Image.Image:
    from skimage import data

    # Scaled down, which leaves no period of its own.
    return Image.fromarray(getattr(data, name)()).resize((350, 300), Image.Resampling.LANCZOS)


def values_of(picture: Image.Image, quality: int | None = None) -> dict[str, float]:
    file = io.BytesIO()
    picture.save(file, "PNG") if quality is None else picture.save(file, "JPEG", quality=quality)
    return compute(ImageFile.from_bytes(file.getvalue(), "a"))


def enlarged(name: str, factor: float, method: Image.Resampling) -> tuple[Image.Image, float]:
    """(picture, true factor of both sides after rounding)."""
    width, height = (round(side * factor) for side in (350, 300))
    return natural(name).resize((width, height), method), (width / 350 + height / 300) / 2


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [1.2, 1.4, 1.5, 1.7, 1.9])
def test_an_enlargement_is_found_at_its_frequency(factor: float, method: Image.Resampling) -> None:
    for name in NAMES:
        picture, true = enlarged(name, factor, method)
        for quality in (None, 92):
            values = values_of(picture, quality)
            assert values["joint_frequency"] == pytest.approx(1 - 1 / true, abs=0.005)
            assert values["scale"] == pytest.approx(true, abs=0.03)
            assert values["peak_count"] >= 1


def test_three_times_shows_at_a_third_and_only_one_direction_where_one_was_stretched() -> None:
    for name in NAMES:
        assert values_of(enlarged(name, 3, METHODS[0])[0])["joint_frequency"] == pytest.approx(1 / 3, abs=0.005)
        wide = values_of(natural(name).resize((560, 300), METHODS[0]))
        assert wide["across_peak"] < DETECTION_THRESHOLD + 1  # 8/5: its peak falls on 3/8, which is left to JPEG
        wide = values_of(natural(name).resize((525, 300), METHODS[0]))
        assert wide["across_frequency"] == pytest.approx(1 / 3, abs=0.005) and math.isnan(wide["down_frequency"])


@pytest.mark.parametrize("quality", [None, 95, 75, 50])
def test_pictures_at_their_own_size_show_no_period(quality: int | None) -> None:
    for name in NAMES:
        values = values_of(natural(name), quality)
        assert values["joint_peak"] < DETECTION_THRESHOLD and values["peak_count"] == 0
        assert math.isnan(values["scale"]) and math.isnan(values["joint_frequency"])


def test_noise_shows_no_period() -> None:
    random = np.random.default_rng(7)
    for _ in range(20):
        pixels = random.integers(0, 256, (260, 300), dtype=np.uint8)
        assert values_of(Image.fromarray(pixels))["joint_peak"] < DETECTION_THRESHOLD


def test_block_edges_are_told_apart_from_resampling() -> None:
    for name in NAMES:
        clean, blocky = values_of(natural(name)), values_of(natural(name), 30)
        assert blocky["jpeg_peak"] > 2 * clean["jpeg_peak"] and blocky["joint_peak"] < DETECTION_THRESHOLD


def test_the_profile_is_what_loops_measure() -> None:
    gray = np.random.default_rng(1).uniform(0, 255, (9, 12)).astype(np.float32)
    across = [np.mean([abs(gray[y, x - 1] - 2 * gray[y, x] + gray[y, x + 1]) for y in range(9)]) for x in range(1, 11)]
    assert np.allclose(profile(gray, 1), across, rtol=1e-5)
    assert np.allclose(profile(np.ascontiguousarray(gray.T), 0), across, rtol=1e-5)


def test_heights_are_those_of_a_plain_transform() -> None:
    n = 300
    course = 20 + np.random.default_rng(2).normal(0, 0.3, n) + np.cos(2 * np.pi * 0.21 * np.arange(n))
    padded = np.pad(course, 4, mode="edge")
    trend = np.array([padded[i : i + 9].mean() for i in range(n)])
    weighed = (course - trend) / (trend + 0.1) * np.hanning(n)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(BINS // 2 + 1), np.arange(n)) / BINS)
    amplitude = np.abs(turns @ weighed)
    padded = np.pad(amplitude, 32, mode="reflect")
    around = np.array([padded[i : i + 65].mean() for i in range(len(amplitude))])
    assert np.allclose(relative_amplitude(course), amplitude / around, rtol=1e-4)
    assert relative_amplitude(course).argmax() / BINS == pytest.approx(0.21, abs=0.002)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 140), st.integers(1, 140), st.integers(0, 255))
def test_any_size_gives_finite_values_or_none(width: int, height: int, low: int) -> None:
    pixels = np.random.default_rng(width).integers(low, 256, (height, width), dtype=np.uint8)
    values = values_of(Image.fromarray(pixels))
    assert not any(math.isinf(v) for v in values.values())
    assert bool(values) == (min(width, height) >= 64 and low < 255)
