"""What the resampling filter shows on photographs with and without an enlarged part."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import resampling
from cgid.inspector.view import View

NAMES = ("astronaut", "chelsea", "gravel")


@cache
def natural(name: str) -> np.ndarray:
    from skimage import data

    pixels = getattr(data, name)()[:300, :448]
    return np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels


def view_of(pixels: np.ndarray, quality: int | None = None) -> View:
    """Saved as JPEG of that quality; as PNG for None."""
    file = io.BytesIO()
    kind, more = ("PNG", {}) if quality is None else ("JPEG", {"quality": quality})
    Image.fromarray(pixels).save(file, kind, **more)
    return View(ImageFile.from_bytes(file.getvalue(), f"made.{kind.lower()}"))


def with_enlarged_part(name: str, scale: float) -> np.ndarray:
    """The middle, enlarged, over the right half."""
    pixels = natural(name)
    height, width = pixels.shape[:2]
    size = (round(width * scale), round(height * scale))
    large = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - 224) // 2
    found = pixels.copy()
    found[:, 224:448] = large[top : top + height, left : left + found[:, 224:448].shape[1]]
    return found


@pytest.mark.parametrize("predictor", ["fixed", "learned from this view"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", [1.3, 1.7])
def test_an_enlarged_part_stands_out(name: str, scale: float, predictor: str) -> None:
    view = view_of(with_enlarged_part(name, scale))
    drawn = all_filters()["resampling"].run(view, {"predictor": predictor})
    assert "of the view shows a resampling period" in drawn.finding
    brightness = drawn.picture.mean(axis=-1)
    assert brightness[40:260, 290:400].mean() > 2 * brightness[40:260, 20:130].mean()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quality", [None, 90])
def test_a_picture_at_its_own_size_has_no_rhythm_and_jpeg_blocks_are_none(name: str, quality: int | None) -> None:
    drawn = all_filters()["resampling"].run(view_of(natural(name), quality))
    assert drawn.finding.startswith("No part shows a resampling period")


def test_the_peak_lies_where_the_scale_puts_it() -> None:
    pixels = natural("gravel")
    whole = np.asarray(Image.fromarray(pixels).resize((582, 390), Image.Resampling.BICUBIC))  # 1.3 times
    finding = all_filters()["resampling"].run(view_of(whole)).finding
    places = finding.split(", at ")[1]
    assert "0.23" in places  # 1 - 1 / 1.3 cycles per pixel
    assert finding.startswith("100 %")


def test_the_learned_predictor_knows_how_a_linear_enlargement_was_made() -> None:
    rng = np.random.default_rng(3)
    rough = rng.uniform(40, 210, (64, 64)).astype(np.float32)
    doubled = np.zeros((128, 128), np.float32)
    doubled[::2, ::2] = rough
    doubled[::2, 1:-1:2] = (rough[:, :-1] + rough[:, 1:]) / 2
    doubled[1:-1:2] = (doubled[:-2:2] + doubled[2::2]) / 2
    likely = resampling.probability_map(doubled, resampling.fit_predictor(doubled))[4:-4, 4:-4]
    assert likely[1::2, ::2].mean() > 0.9  # the mean of the pixels above and below
    assert likely[::2, ::2].mean() < 0.5  # those that were there before


def test_the_spectrum_is_square_and_the_same_seen_from_both_sides() -> None:
    drawn = all_filters()["resampling"].run(view_of(natural("gravel")), {"show": "spectrum"})
    assert not drawn.aligned and drawn.picture.shape == (128, 129)
    middle = drawn.picture[1:].astype(int)
    assert np.abs(middle - middle[::-1, ::-1]).mean() < 1
