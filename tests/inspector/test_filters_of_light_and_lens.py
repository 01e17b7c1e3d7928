"""The colour of the light and the fringes of the lens, on made pictures of which light and lens are known."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import FilterResult, all_filters
from cgid.inspector.filters.chromatic_aberration import measure_shifts
from cgid.inspector.filters.white_balance import angular_distance
from cgid.inspector.view import View

WARM, COLD = np.array([1.0, 0.7, 0.45]), np.array([0.55, 0.75, 1.0])


def view(pixels: np.ndarray) -> View:
    buffer = io.BytesIO()
    Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
    return View(ImageFile.from_bytes(buffer.getvalue(), "made.png"))


def drawn(name: str, looked: View, **given: object) -> FilterResult:
    return all_filters()[name].run(looked, given)


def lit(reflectance: np.ndarray, light: np.ndarray) -> np.ndarray:
    """sRGB values of surfaces (0..1) under a light."""
    amount = reflectance * light
    return 255 * np.where(amount <= 0.0031308, 12.92 * amount, 1.055 * np.maximum(amount, 1e-9) ** (1 / 2.4) - 0.055)


def surfaces(side: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    return ndimage.zoom(rng.uniform(0.1, 0.8, (side // 8, side // 8, 3)), (8, 8, 1), order=1)


@pytest.mark.parametrize("estimator", ["grey edge", "grey world", "shades of grey"])
def test_the_light_is_found_where_surfaces_are_grey_on_average(estimator: str) -> None:
    found = drawn("white_balance", view(lit(surfaces(256), WARM)), estimator=estimator)
    shares = [float(v) for v in re.findall(r"(\d+) % (?:red|green|blue)", found.finding)]
    assert shares == pytest.approx(100 * WARM / WARM.sum(), abs=3)


def test_a_part_in_another_light_departs_by_the_angle_between_the_lights() -> None:
    pixels = lit(surfaces(256), WARM)
    pixels[:, 192:] = lit(surfaces(256), COLD)[:, 192:]
    between = np.degrees(np.arccos(WARM @ COLD / np.linalg.norm(WARM) / np.linalg.norm(COLD)))
    assert angular_distance(COLD[None].astype(np.float32), WARM)[0] == pytest.approx(between, abs=0.01)
    picture = drawn("white_balance", view(pixels), estimator="grey world", side=32).picture.astype(int)
    assert picture[:, 40:150, 0].mean() > picture[:, 40:150, 2].mean() + 40
    assert picture[:, 220:, 2].mean() > picture[:, 220:, 0].mean() + 40
    away = drawn("white_balance", view(pixels), shown="angle from the whole view", side=32).picture.sum(axis=2)
    assert np.median(away[:, 220:]) > 1.5 * np.median(away[:, 40:150])


def test_an_even_picture_has_no_light_to_judge() -> None:
    assert "cannot be estimated" in drawn("white_balance", view(np.full((40, 40, 3), 120))).finding


def with_lens(expansion: float, side: int = 320) -> np.ndarray:
    """Red enlarged by `expansion` about the middle."""
    rng = np.random.default_rng(7)
    green = ndimage.gaussian_filter(rng.normal(0, 1, (side, side)), 1.5)
    green = 128 + green * (30 / green.std())
    middle, scale = (side - 1) / 2, 1 / (1 + expansion)
    red = ndimage.affine_transform(green, [scale] * 2, offset=middle * (1 - scale), order=5, mode="reflect")
    return np.stack([0.8 * red + 10, green, 0.9 * green], axis=-1) + rng.normal(0, 1, (side, side, 3))


@pytest.mark.parametrize("expansion", [0.0, 0.002, -0.004])
def test_the_enlargement_of_a_channel_is_measured(expansion: float) -> None:
    looked = view(with_lens(expansion))
    assert measure_shifts(looked, "red", 32).expansion() == pytest.approx(expansion, abs=1e-4)
    assert measure_shifts(looked, "blue", 32).expansion() == pytest.approx(0, abs=1e-4)
    way = "outwards" if expansion > 0 else "inwards"
    assert expansion == 0 or f"Red is shifted {way}" in drawn("chromatic_aberration", looked).finding


def test_a_pasted_part_departs_from_the_lens() -> None:
    pixels = with_lens(0.006)
    pixels[224:320, 224:320] = pixels[16:112, 16:112].copy()
    looked = view(pixels)
    found = measure_shifts(looked, "red", 32)
    misfit = found.misfit(found.expansion())
    assert misfit[8:, 8:].min() > 1 and misfit[:6].max() < 0.3
    picture = drawn("chromatic_aberration", looked, shown="departure from the lens's own", side=32).picture.sum(axis=2)
    assert np.median(picture[260:, 260:]) > 2 * np.median(picture[:180])


def test_without_edges_nothing_is_claimed() -> None:
    assert "Too few regions" in drawn("chromatic_aberration", view(np.full((200, 200, 3), 99))).finding
    noise = np.random.default_rng(0).normal(128, 6, (200, 200, 3))
    assert "Too few regions" in drawn("chromatic_aberration", view(noise)).finding
