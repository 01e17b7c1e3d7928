"""What the filters for earlier saves and other block grids show on made pictures whose history is known."""

from __future__ import annotations

import io
import re
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.fileformat.quantisation_tables import ijg_tables, zigzag_order
from cgid.imaging.image_file import ImageFile
from cgid.imaging.jpeg_encode import reencode
from cgid.inspector import coefficients
from cgid.inspector.filter import all_filters
from cgid.inspector.filters import block_grid, dct_histograms, double_quantisation_map
from cgid.inspector.view import View

PATCH = np.s_[96:192, 160:288]
NAMES = ("astronaut", "chelsea", "coffee", "rocket")


@cache
def natural(name: str = "coffee") -> np.ndarray:
    from skimage import data

    # Scaled down, so that what these photographs' own compression left is gone.
    small = Image.fromarray(getattr(data, name)()).resize((384, 296), Image.Resampling.LANCZOS)
    return np.asarray(small)


def view_of(pixels: np.ndarray, quality: int | None = None) -> View:
    """Saved as JPEG of that quality; as PNG for None."""
    file = io.BytesIO()
    kind, more = ("PNG", {}) if quality is None else ("JPEG", {"quality": quality})
    Image.fromarray(pixels).save(file, kind, **more)
    return View(ImageFile.from_bytes(file.getvalue(), f"made.{kind.lower()}"))


def spliced(name: str, first: int) -> np.ndarray:
    """A picture saved at quality `first` with a patch that never was."""
    pixels = reencode(natural(name), first).copy()
    pixels[PATCH] = natural(name)[PATCH]
    return pixels


def pasted_off_grid(name: str, first: int, down: int, across: int) -> np.ndarray:
    """A picture without history with a patch saved at `first` whose blocks start at (down, across)."""
    pixels = natural(name).copy()
    pixels[PATCH] = reencode(natural(name)[down:, across:], first)[96 - down : 192 - down, 160 - across : 288 - across]
    return pixels


def test_levels_are_the_very_numbers_that_the_file_holds() -> None:
    grey = np.repeat(natural().mean(axis=2, keepdims=True).round().astype(np.uint8), 3, axis=2)
    view = view_of(grey, 80)
    plane = view.cached(coefficients.block_coefficients)[zigzag_order()[5]] / ijg_tables("luma")[79, zigzag_order()[5]]
    assert coefficients.quantisation_step(view, 5) == ijg_tables("luma")[79, zigzag_order()[5]]
    assert np.abs(plane - coefficients.coefficient_levels(view, 5)).max() < 0.5
    assert np.abs(plane - coefficients.coefficient_levels(view, 5)).mean() < 0.1  # 0.25 were they anywhere


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("first", "last"), [(60, None), (50, 95), (75, 90)])
def test_a_histogram_names_the_step_of_the_first_rounding(name: str, first: int, last: int | None) -> None:
    view = view_of(reencode(natural(name), first), last)
    right = 0
    for mode in range(1, 10):
        said = all_filters()["dct_histograms"].run(view, {"frequency": mode}).finding
        found = re.search(r"steps of about (\d+)", said)
        right += found is not None and abs(int(found[1]) - ijg_tables("luma")[first - 1, zigzag_order()[mode]]) <= 2
    assert right >= 7


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("last", [None, 95, 90, 75, 50])
def test_a_histogram_of_a_picture_saved_once_shows_no_rhythm(name: str, last: int | None) -> None:
    view = view_of(natural(name), last)
    found = [coefficients.histogram(view, mode) for mode in range(1, 16)]
    assert max(dct_histograms.earlier_step(each)[1] for each in found if each) < dct_histograms.DETECTION_THRESHOLD


def test_the_marked_bars_stand_above_those_beside_them() -> None:
    columns = all_filters()["dct_histograms"].run(view_of(reencode(natural(), 60), 95), {"frequency": 1}).columns
    assert columns["value"][columns["earlier"]].tolist()[:1] != []
    near = (np.abs(columns["value"]) <= 40) & (columns["value"] != 0)
    marked, rest = (columns["blocks"][near & which].mean() for which in (columns["earlier"], ~columns["earlier"]))
    assert marked > 4 * rest
    assert columns["blocks"].sum() <= 37 * 48


def auc(inside: np.ndarray, outside: np.ndarray) -> float:
    """Share of pairs in which the first stands above the second."""
    return float((inside[:, None] > outside[None]).mean() + (inside[:, None] == outside[None]).mean() / 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("first", "last"), [(50, 75), (60, 90), (75, 95), (85, 90), (60, None)])
def test_the_patch_that_was_saved_once_stands_out_in_a_picture_saved_twice(
    name: str, first: int, last: int | None
) -> None:
    view = view_of(spliced(name, first), last)
    chance, told = double_quantisation_map.single_compression_probability(
        view, int(view.cached(coefficients.evidence).argmax()) + 1, 3
    )
    patch = np.zeros(told.shape, bool)
    patch[12:24, 20:36] = True
    assert auc(chance[told & patch], chance[told & ~patch]) > 0.92
    drawn = all_filters()["double_quantisation_map"].run(view)
    assert abs(int(re.search(r"about quality (\d+)", drawn.finding)[1]) - first) <= 1
    assert np.median(drawn.picture[PATCH]) > 200 > 60 > np.median(drawn.picture[200:])


@pytest.mark.parametrize("last", [None, 95, 75])
def test_no_part_is_accused_in_a_picture_saved_once(last: int | None) -> None:
    drawn = all_filters()["double_quantisation_map"].run(view_of(natural(), last))
    assert drawn.finding.startswith("No earlier compression")
    assert set(np.unique(drawn.picture)) == {0, 110}  # hatched: not judged


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket"])
@pytest.mark.parametrize(("down", "across"), [(3, 5), (6, 1)])
def test_a_patch_on_another_grid_is_found_and_its_grid_named(name: str, down: int, across: int) -> None:
    drawn = all_filters()["block_grid"].run(view_of(pasted_off_grid(name, 60, down, across)))
    assert f"starting at {across} px across, {down} px down" in drawn.finding
    assert drawn.picture[112:176, 176:272].mean() > 4 * drawn.picture[224:].mean()


def test_a_patch_of_the_picture_moved_off_its_grid_is_found() -> None:
    pixels = reencode(natural("rocket"), 60).copy()
    pixels[PATCH] = pixels[96 + 3 : 192 + 3, 160 - 30 : 288 - 30]
    drawn = all_filters()["block_grid"].run(view_of(pixels))
    assert "block grid starts at 0 px across, 0 px down" in drawn.finding
    assert "starting at 6 px across, 5 px down" in drawn.finding  # blocks moved by (-3, +30) px, modulo 8


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("last", [None, 50, 90])
def test_no_other_grid_is_found_where_there_is_none(name: str, last: int | None) -> None:
    assert "no other grid" in all_filters()["block_grid"].run(view_of(natural(name), last)).finding


def test_blockiness_is_stronger_after_a_lower_quality() -> None:
    low, high = (
        all_filters()["block_grid"].run(view_of(natural(), q), {"show": "blockiness"}).picture.mean() for q in (40, 90)
    )
    assert low > 2 * high
    flat = block_grid.edges(np.full((64, 64), 7, np.float32), 3)
    assert not flat.strength().any()
