"""What the compression filters show on made pictures whose history of saves is known."""

from __future__ import annotations

import io
import re
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.fileformat.quantisation_tables import BASE
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import reencode
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import ghost
from cgid.inspector.view import View

PATCH = np.s_[96:192, 160:288]


@cache
def natural(name: str = "coffee") -> np.ndarray:
    from skimage import data

    # Scaled down, so that what these photographs' own compression left is gone.
    small = Image.fromarray(getattr(data, name)()).resize((384, 296), Image.Resampling.LANCZOS)
    return np.asarray(small)


def view_of(pixels: np.ndarray, quality: int | None = None, **options) -> View:
    """Saved as JPEG of that quality; as PNG for None."""
    file = io.BytesIO()
    kind, more = ("PNG", {}) if quality is None else ("JPEG", {"quality": quality})
    Image.fromarray(pixels).save(file, kind, **more, **options)
    return View(ImageFile.from_bytes(file.getvalue(), f"made.{kind.lower()}"))


def spliced(first: int, shift: int = 0) -> np.ndarray:
    """A picture saved at quality `first` with a patch that never was, or (shift) was saved so on a moved grid."""
    pixels = reencode(natural(), first).copy()
    pixels[PATCH] = natural()[PATCH]
    if shift:
        pixels = natural().copy()
        pixels[PATCH] = reencode(natural()[shift:, shift:], first)[96 - shift : 192 - shift, 160 - shift : 288 - shift]
    return pixels


def test_a_re_save_is_what_an_encoder_writes() -> None:
    file = io.BytesIO()
    Image.fromarray(natural()).save(file, "JPEG", quality=70, subsampling="4:4:4")
    assert np.array_equal(reencode(natural(), 70, "4:4:4"), np.asarray(Image.open(file)))


def test_error_levels_show_the_patch_that_was_never_compressed() -> None:
    drawn = all_filters()["error_level"].run(view_of(spliced(75)), {"quality": 75, "show": "brightness"})
    inside = drawn.picture[PATCH].mean()
    outside = (drawn.picture.sum(dtype=float) - drawn.picture[PATCH].sum()) / (drawn.picture.size - 96 * 128)
    assert inside > 2.5 * outside


def test_error_levels_are_the_change_times_the_amplification() -> None:
    view = view_of(natural(), 92, subsampling="4:4:4")
    picture = all_filters()["error_level"].run(view, {"quality": 60, "scale": 3.0}).picture
    change = np.abs(reencode(view.stored, 60, "4:4:4").astype(int) - view.stored)
    assert np.array_equal(picture, np.minimum(3 * change, 255))
    assert "(4:4:4)" in all_filters()["error_level"].run(view).finding


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
@pytest.mark.parametrize(("first", "last"), [(60, None), (60, 90), (75, 95)])
def test_the_ghost_of_an_earlier_save_is_named(name: str, first: int, last: int | None) -> None:
    finding = all_filters()["ghost"].run(view_of(reencode(natural(name), first), last)).finding
    assert abs(int(re.search(r"most dip at (\d+)", finding)[1]) - first) <= 1


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
@pytest.mark.parametrize("last", [None, 75, 90])
def test_no_ghost_is_named_where_there_was_one_save_or_none(name: str, last: int | None) -> None:
    assert "quality stands out" in all_filters()["ghost"].run(view_of(natural(name), last)).finding


def test_the_ghost_shows_the_patch_without_that_history_dark() -> None:
    drawn = all_filters()["ghost"].run(view_of(spliced(60), 92), {"quality": 60})
    busy = np.zeros(drawn.picture.shape, bool)
    busy[32:, 32:320] = True
    patch = np.zeros_like(busy)
    patch[PATCH] = True
    assert drawn.picture[patch].mean() < 60
    assert drawn.picture[busy & ~patch].mean() > 120


def test_the_ghost_of_a_patch_on_a_moved_grid_shows_on_that_grid_alone() -> None:
    view, one = view_of(spliced(55, shift=3)), all_filters()["ghost"]
    there = one.run(view, {"quality": 55, "down": 3, "across": 3}).picture
    elsewhere = one.run(view, {"quality": 55}).picture
    assert there[PATCH].mean() > 110 > 60 > elsewhere[PATCH].mean()
    assert there[220:].mean() < 60


def test_the_change_by_saving_again_is_that_of_a_real_re_save() -> None:
    grey = np.repeat(natural().mean(axis=2, keepdims=True).round().astype(np.uint8), 3, axis=2)
    view = view_of(grey)
    foretold = ghost.pixel_change(view.cached(ghost.dct_on_grid(0, 0)), 70)
    real = np.square(reencode(grey, 70, "4:4:4")[..., 0].astype(float) - grey[..., 0])
    real = real.reshape(37, 8, 48, 8).mean(axis=(1, 3))
    assert np.corrcoef(foretold.ravel(), real.ravel())[0, 1] > 0.99
    assert foretold.mean() == pytest.approx(real.mean(), rel=0.05)


def test_the_tables_of_the_standard_are_known_and_laid_out_by_frequency() -> None:
    drawn = all_filters()["quantisation_tables"].run(view_of(natural(), 50))
    assert drawn.finding.startswith("The brightness table is exactly that of the standard at quality 50")
    assert np.array_equal(drawn.columns["step"][:64], BASE["luma"])
    assert not drawn.columns["differs"].any()
    colour = all_filters()["quantisation_tables"].run(view_of(natural(), 50), {"plane": "colour"})
    assert np.array_equal(colour.columns["step"][:64], BASE["chroma"])


def test_tables_of_ones_own_are_told_from_the_standard_s() -> None:
    own = [[min(255, 3 + k) for k in range(64)]] * 2
    drawn = all_filters()["quantisation_tables"].run(view_of(natural(), 75, qtables=own))
    assert "is not one of the standard" in drawn.finding
    assert drawn.columns["differs"].any()
    assert all_filters()["quantisation_tables"].run(view_of(natural())).finding.startswith("A PNG file holds no")
