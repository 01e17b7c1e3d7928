"""What every filter on the bench keeps, by being there: words, any size of picture, the same picture twice."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.charts.inspector import CHARTS
from cgid.errors import InputError
from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import Choice, Slider, Span, all_filters
from cgid.inspector.view import View

NAMES = list(all_filters())
SIZES = [(1, 1), (2, 1), (1, 9), (7, 5), (8, 8), (17, 33), (96, 64)]


def view(width: int, height: int, kind: str = "JPEG", orientation: int = 1) -> View:
    rng = np.random.default_rng(width * 1000 + height)
    rows, columns = np.mgrid[:height, :width]
    smooth = 110 + 60 * np.sin(columns / 9) + 30 * np.cos(rows / 7)
    pixels = (smooth[..., None] + rng.normal(0, 6, (height, width, 3))).clip(0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, exif=exif)
    return View(ImageFile.from_bytes(buffer.getvalue(), f"made.{kind.lower()}"))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_shows_how_to_read_it_and_what_it_cannot_show(name: str) -> None:
    one = all_filters()[name]
    for words in (one.title, one.shows, one.read, one.cannot):
        assert words[:1].isupper() or words[:1].isdigit()
    assert all(words.endswith(".") for words in (one.shows, one.read, one.cannot))
    names = [p.name for p in one.parameters]
    assert len(set(names)) == len(names)
    assert one.values() == one.values({p.name: p.start for p in one.parameters})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_it_draws_a_picture_of_any_size(name: str, size: tuple[int, int]) -> None:
    looked = view(*size)
    drawn = all_filters()[name].run(looked)
    assert drawn.finding and drawn.finding.endswith(".")
    if drawn.picture is not None:
        assert drawn.picture.dtype == np.uint8
        assert drawn.picture.ndim == 2 or drawn.picture.shape[2] == 3
        if drawn.aligned:
            assert drawn.picture.shape[:2] == looked.rgb.shape[:2]
    assert len({len(c) for c in drawn.columns.values()}) <= 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "orientation"), [("PNG", 1), ("JPEG", 6), ("PNG", 8)])
def test_it_draws_turned_pictures_and_the_same_picture_twice(name: str, kind: str, orientation: int) -> None:
    one = all_filters()[name]
    first, second = (one.run(view(88, 56, kind, orientation)) for _ in range(2))
    assert first.finding == second.finding
    if first.picture is not None:
        assert np.array_equal(first.picture, second.picture)
        if first.aligned:
            assert first.picture.shape[:2] == ((88, 56) if orientation in (6, 8) else (56, 88))


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_work_at_both_ends_and_refuse_what_lies_beyond(name: str) -> None:
    one, looked = all_filters()[name], view(40, 24)
    for p in one.parameters:
        if isinstance(p, Slider):
            ends, beyond = (p.low, p.high), p.high + 1
        elif isinstance(p, Span):
            ends, beyond = ((p.low, p.low), (p.low, p.high), (p.high, p.high)), (p.high, p.low - 1)
        else:
            assert isinstance(p, Choice)
            ends, beyond = p.options, "none of these"
        for end in ends:
            assert one.run(looked, {p.name: end}).finding
        with pytest.raises(InputError, match=p.title.split("(")[0].strip()):
            one.run(looked, {p.name: beyond})
    with pytest.raises(InputError, match="no parameter"):
        one.run(looked, {"nonsense": 1})


@pytest.mark.parametrize("name", [n for n in NAMES if all_filters()[n].chart])
def test_its_chart_draws_its_columns(name: str) -> None:
    one = all_filters()[name]
    for size in ((1, 1), (96, 64)):
        columns = one.run(view(*size)).columns
        if columns:
            figure = CHARTS[one.chart](columns)
            assert figure.to_dict() if hasattr(figure, "to_dict") else figure.to_json()
