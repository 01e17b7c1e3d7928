"""What the search for copied squares shows: a copied piece of sky, and nothing where no part was copied."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import copy_move_blocks
from cgid.inspector.view import View


def view_of(pixels: np.ndarray, quality: int | None = None, **options) -> View:
    """Saved as JPEG of that quality; as PNG for None."""
    file = io.BytesIO()
    kind, more = ("PNG", {}) if quality is None else ("JPEG", {"quality": quality})
    Image.fromarray(pixels).save(file, kind, **more, **options)
    return View(ImageFile.from_bytes(file.getvalue(), f"made.{kind.lower()}"))


def sky(noise: float = 1.5) -> np.ndarray:
    """A slow course of light with a sensor's grain and not one corner in it."""
    light = 150 + np.add.outer(np.arange(300) * 0.1, np.arange(400) * 0.05)
    grain = np.random.default_rng(0).normal(0, noise, light.shape)
    return np.repeat(np.rint(light + grain)[..., None], 3, axis=2).astype(np.uint8)


def patched_sky(noise: float = 1.5) -> np.ndarray:
    pixels = sky(noise)
    pixels[180:260, 200:300] = pixels[40:120, 60:160]
    return pixels


@pytest.mark.parametrize("noise", [0.7, 3])
def test_a_copied_piece_of_sky_is_found_with_its_shift_and_outline(noise: float) -> None:
    (found,) = copy_move_blocks.find_regions(view_of(patched_sky(noise)), 30, 0.05, 0.8, 1.5, 700)
    assert (found.down, found.across) == (140, 140)
    assert found.mask[44:116, 64:156].mean() > 0.7
    outside = found.mask.copy()
    outside[36:124, 56:164] = False
    assert not outside.any()


def test_the_finding_says_where_and_the_picture_outlines_both_places() -> None:
    drawn = all_filters()["copy_move_blocks"].run(view_of(patched_sky()))
    assert drawn.finding.startswith("1 region is found twice")
    assert drawn.finding.endswith("occurs again 140 px right and 140 px down.")
    coloured = np.ptp(drawn.picture.astype(int), axis=2) > 60
    assert coloured[36:124, 56:164].any() and coloured[176:264, 196:304].any()
    assert not coloured[:, 310:].any()


def test_a_copy_to_the_left_is_found_and_so_is_one_in_a_turned_picture() -> None:
    pixels = sky()
    pixels[180:260, 60:160] = pixels[40:120, 200:300]
    exif = Image.Exif()
    exif[0x0112] = 6
    assert "140 px left and 140 px down" in all_filters()["copy_move_blocks"].run(view_of(pixels)).finding
    turned = view_of(np.ascontiguousarray(np.rot90(pixels)), exif=exif)  # stored a quarter to the left, shown upright
    assert "140 px left and 140 px down" in all_filters()["copy_move_blocks"].run(turned).finding


@pytest.mark.parametrize("quality", [None, 80])
def test_a_copy_of_a_textured_part_is_found_also_after_a_jpeg_save(quality: int | None) -> None:
    from skimage import data

    pixels = data.chelsea()
    pixels[130:190, 81:141] = pixels[20:80, 20:80]
    assert "61 px right and 110 px down" in all_filters()["copy_move_blocks"].run(view_of(pixels, quality)).finding


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket", "camera", "coins", "page", "moon"])
def test_an_unaltered_picture_has_no_copies(name: str) -> None:
    from skimage import data

    pixels = getattr(data, name)()
    pixels = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    assert all_filters()["copy_move_blocks"].run(view_of(pixels)).finding.startswith("No region")


def test_a_sky_with_grain_or_without_has_no_copies() -> None:
    one = all_filters()["copy_move_blocks"]
    assert one.run(view_of(sky())).finding.startswith("No region")
    assert one.run(view_of(np.full((200, 200, 3), 180, np.uint8))).finding.startswith("No region")


def test_squares_get_the_same_key_where_they_are_the_same_and_none_where_they_are_flat() -> None:
    gray = patched_sky()[..., 0].astype(np.float32)
    found = copy_move_blocks.block_keys(gray, 0.05)
    assert found.shape == (285, 385)
    assert np.array_equal(found[50:100, 70:140], found[190:240, 210:280])
    assert (found[50:100, 70:140] == found[51:101, 70:140]).mean() < 0.01
    assert not copy_move_blocks.block_keys(np.full((40, 40), 7, np.float32), 0.05).any()


def test_a_view_too_large_says_so_instead_of_filling_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy_move_blocks, "MAX_PIXELS", 100_000)
    assert "choose a part" in all_filters()["copy_move_blocks"].run(view_of(patched_sky())).finding
