"""Colour filter array: mosaics made here with a known pattern are found and named; pictures without one give none."""

from __future__ import annotations

import io
import math
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.features.groups.cfa import GROUP, PATTERNS, compute, phase_means, residual
from cgid.imaging.image_file import ImageFile

NAMES = ("astronaut", "chelsea", "coffee")


@cache
def natural(name: str) -> np.ndarray:
    from skimage import data

    # Scaled down, so that what these photographs' own cameras left is gone.
    picture = Image.fromarray(getattr(data, name)()).resize((368, 296), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def mosaiced(rgb: np.ndarray, pattern: int) -> np.ndarray:
    """Only the colours that a Bayer filter lets through, the others by the mean of their neighbours (bilinear)."""
    from scipy.ndimage import convolve

    row, column = divmod(PATTERNS[pattern].index("R"), 2)
    y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]]
    red, blue = (y % 2 == row) & (x % 2 == column), (y % 2 != row) & (x % 2 != column)
    cross, square = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4, np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
    kernels = ((red, square), (~(red | blue), cross), (blue, square))
    planes = [
        convolve(rgb[..., c] * mask.astype(float), kernel, mode="mirror") for c, (mask, kernel) in enumerate(kernels)
    ]
    return np.stack(planes, -1).round().clip(0, 255).astype(np.uint8)


def image(pixels: np.ndarray, format: str = "PNG", **options) -> ImageFile:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **options)
    return ImageFile.from_bytes(file.getvalue(), "a")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pattern", range(4))
def test_a_mosaic_is_found_and_its_pattern_named(name: str, pattern: int) -> None:
    values = compute(image(mosaiced(natural(name), pattern)))
    assert values["pattern"] == pattern
    assert values["green_lattice"] > 2 and values["green_agreement"] > 0.95 and values["green_evidence"] > 10
    assert values["red_place"] > 0.5 and values["blue_place"] > 0.5
    assert values["row_period"] < 0.05 and values["column_period"] < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_crop_moves_the_pattern(name: str) -> None:
    made = mosaiced(natural(name), PATTERNS.index("RGGB"))
    assert compute(image(made[:, 1:]))["pattern"] == PATTERNS.index("GRBG")
    assert compute(image(made[1:]))["pattern"] == PATTERNS.index("GBRG")
    assert compute(image(made[1:, 1:]))["pattern"] == PATTERNS.index("BGGR")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("quality", "subsampling"), [(95, 0), (90, 0), (85, 2)])
def test_the_green_lattice_outlives_a_jpeg(name: str, quality: int, subsampling: int) -> None:
    made = image(mosaiced(natural(name), 2), "JPEG", quality=quality, subsampling=subsampling)
    plain = image(natural(name), "JPEG", quality=quality, subsampling=subsampling)
    assert compute(made)["green_evidence"] > 5 > 3 > compute(plain)["green_evidence"]
    # With subsampled chroma nothing tells red from blue any more: no pattern is better than a wrong one.
    assert compute(made)["pattern"] == 2 if subsampling == 0 else math.isnan(compute(made)["pattern"])


@pytest.mark.parametrize("name", NAMES)
def test_a_jpeg_turned_by_its_exif_orientation_keeps_its_pattern(name: str) -> None:
    made = mosaiced(natural(name), 1)
    for orientation in (1, 3, 6, 8):
        exif = Image.Exif()
        exif[0x0112] = orientation
        assert compute(image(made, "JPEG", quality=98, subsampling=0, exif=exif))["pattern"] == 1


def test_pictures_without_a_mosaic_and_noise_show_none() -> None:
    random = np.random.default_rng(0)
    pictures = [natural(name) for name in NAMES]
    pictures += [np.asarray(Image.fromarray(p).resize((736, 592), Image.Resampling.BILINEAR)) for p in pictures]
    pictures += [random.integers(0, 256, (200, 300, 3), dtype=np.uint8) for _ in range(5)]
    pictures += [random.normal(128, 4, (200, 300, 3)).astype(np.uint8) for _ in range(5)]
    for pixels in pictures:
        values = compute(image(pixels))
        assert math.isnan(values["pattern"]) and values["pattern_score"] < 0.05
        assert values["green_lattice"] < 0.1 and values["green_evidence"] < 5


def test_a_pasted_part_without_the_rhythm_is_uneven() -> None:
    made = mosaiced(natural("coffee"), 0)
    pasted = made.copy()
    pasted[64:224, 64:224] = natural("coffee")[64:224, 64:224]
    assert compute(image(pasted))["green_unevenness"] > 1.5 * compute(image(made))["green_unevenness"]


def test_residual_and_places_are_what_loops_measure() -> None:
    channel = np.random.default_rng(4).integers(0, 256, (67, 99), dtype=np.uint8)
    found, value = residual(channel), channel.astype(int)
    sums = np.zeros((2, 3, 2, 2))
    for y in range(2, 66):
        for x in range(2, 98):
            around = value[y - 1, x] + value[y + 1, x] + value[y, x - 1] + value[y, x + 1]
            assert found[y - 1, x - 1] == abs(4 * value[y, x] - around)
            sums[(y - 2) // 32, (x - 2) // 32, y % 2, x % 2] += found[y - 1, x - 1] / 256
    assert np.allclose(phase_means(found), sums)


def test_small_and_colourless_pictures_say_so() -> None:
    assert compute(image(natural("coffee")[:15, :40])) == {}
    assert compute(image(np.full((64, 64, 3), 90, np.uint8))) == {}
    assert "green_agreement" not in compute(image(natural("coffee")[:40, :40]))
    assert set(compute(image(natural("coffee")))) == {f.name for f in GROUP.features}
