"""Ghosts and the pictures drawn of them, against Pillow's own re-saves and against where a part was pasted in."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.features.groups import cfa, jpeg_history, resampling
from cgid.features.signals import dct_histogram, jpeg_ghosts
from cgid.imaging.image_file import ImageFile


@cache
def natural(name: str) -> Image.Image:
    from skimage import data

    return Image.fromarray(getattr(data, name)()).resize((384, 296), Image.Resampling.LANCZOS)


def saved(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def again(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(saved(image, quality))).convert("RGB")


@pytest.mark.parametrize("first", [55, 65, 75])
@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
def test_the_ghost_is_where_pillows_own_saves_change_least(name: str, first: int) -> None:
    twice = again(again(natural(name).convert("L").convert("RGB"), first), 92)
    pixels = np.asarray(twice.convert("L")).astype(float)
    qualities = np.arange(45, 86, 5)
    change = np.array([((np.asarray(again(twice, int(q)).convert("L")) - pixels) ** 2).mean() for q in qualities])
    dip = change[1:-1] / ((change[:-2] + change[2:]) / 2)
    assert qualities[1:-1][dip.argmin()] == first

    image = ImageFile.from_bytes(saved(again(natural(name).convert("L").convert("RGB"), first), 92), "a.jpg")
    share, usual = jpeg_ghosts.ghost_curve(image.cached(dct_histogram.histograms))
    assert abs(int(np.nanargmin(share[:89])) + 1 - first) <= 1
    assert share[first - 1] < 0.5 and usual[first - 1] > usual[first + 9]


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_the_ghost_map_is_bright_where_the_part_was_pasted(name: str) -> None:
    pixels = np.array(natural(name))
    pixels[80:208, 96:224] = np.asarray(again(natural(name), 60))[80:208, 96:224]
    drawn = jpeg_history.draw_ghost(ImageFile.from_bytes(saved(Image.fromarray(pixels), 92), "a.jpg"))
    light = drawn.astype(float).sum(axis=2)
    assert light.shape == (296, 384)
    inside = light[80:208, 96:224].mean()
    outside = (light.sum() - light[80:208, 96:224].sum()) / (light.size - 128 * 128)
    assert inside > 3 * outside


def test_the_resampling_map_has_a_dot_at_the_period() -> None:
    larger = natural("coffee").resize((576, 444), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    larger.save(file, "PNG")
    drawn = resampling.draw(ImageFile.from_bytes(file.getvalue(), "a.png"))
    height, width = drawn.shape
    # 3 / 2: one third of a cycle per pixel, on either axis.
    assert (
        drawn[height // 2, round(width / 2 + width / 3)] > 200
        and drawn[round(height / 2 + height / 3), width // 2] > 200
    )
    assert np.median(drawn) < 40


def test_maps_of_pictures_too_small_to_say_anything_are_plain() -> None:
    file = io.BytesIO()
    Image.new("RGB", (9, 7)).save(file, "PNG")
    tiny = ImageFile.from_bytes(file.getvalue(), "a.png")
    for draw in (jpeg_history.draw_ghost, jpeg_history.draw_dimples, cfa.draw, resampling.draw):
        assert len(np.unique(draw(tiny))) == 1
