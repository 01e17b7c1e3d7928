"""The filters of colour and light, each on a made picture of which the answer is known."""

from __future__ import annotations

import colorsys
import io

import numpy as np
import pytest
from PIL import Image

from cgid.charts.inspector import channel_histogram
from cgid.imaging.image_file import ImageFile
from cgid.inspector.channels import NAMES, channel
from cgid.inspector.filter import FilterResult, all_filters
from cgid.inspector.filters.histograms import gaps_and_spikes
from cgid.inspector.view import View


def view(pixels: np.ndarray) -> View:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).convert("RGB").save(buffer, "PNG")
    return View(ImageFile.from_bytes(buffer.getvalue(), "made.png"))


def drawn(name: str, looked: View, **given: object) -> FilterResult:
    return all_filters()[name].run(looked, given)


def one_colour(*rgb: int) -> View:
    return view(np.full((4, 4, 3), rgb))


def noisy(side: int = 96) -> np.ndarray:
    rng = np.random.default_rng(1)
    return (np.linspace(40, 200, side) + rng.normal(0, 8, (side, side))).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("rgb", [(255, 0, 0), (12, 200, 99), (90, 80, 250)])
def test_channels_are_what_other_libraries_say(rgb: tuple[int, int, int]) -> None:
    looked = one_colour(*rgb)
    got = {name: int(channel(looked, name)[0, 0]) for name in NAMES}
    h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in rgb))
    y, cb, cr = Image.new("RGB", (1, 1), rgb).convert("YCbCr").getpixel((0, 0))
    top = max(rgb)
    c, m, yellow = (255 * (top - value) / top for value in rgb)
    k = 255 - top
    expected = {
        "hue (HSV)": 256 * h, "saturation (HSV)": 255 * s, "value (HSV)": 255 * v, "brightness": y,
        "blue difference (Cb)": cb, "red difference (Cr)": cr, "cyan (CMYK)": c, "magenta (CMYK)": m,
        "yellow (CMYK)": yellow, "black (CMYK)": k, "smallest of red, green, blue": min(rgb),
        "largest of red, green, blue": top, "spread of red, green, blue": top - min(rgb),
    }  # fmt: skip
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=1.01)


def test_lab_is_neutral_for_grey_and_positive_towards_red() -> None:
    assert [int(channel(one_colour(128, 128, 128), f"{n} (Lab)")[0, 0]) for n in ("green to red", "blue to yellow")] == [
        128, 128,
    ]  # fmt: skip
    assert channel(one_colour(220, 30, 30), "green to red (Lab)")[0, 0] > 170


def test_stretched_contrast_leaves_a_comb() -> None:
    before = noisy()
    assert "no gaps and no spikes" in drawn("histograms", view(before)).finding
    after = np.rint((before.astype(float) - 40) * 1.5).clip(0, 255)
    counts = np.bincount(after.astype(np.uint8).ravel(), minlength=256)
    assert gaps_and_spikes(counts)[0] > 40
    assert "gaps" in drawn("histograms", view(after)).finding


def test_histograms_count_every_pixel() -> None:
    columns = drawn("histograms", view(noisy())).columns
    red = columns["channel"] == "red"
    assert columns["share"][red].sum() == pytest.approx(100)
    assert np.array_equal(columns["share"][red] > 0, np.bincount(noisy().ravel(), minlength=256) > 0)
    total = drawn("histograms", view(noisy()), shape="cumulative").columns
    assert total["share"][total["channel"] == "blue"][-1] == pytest.approx(100)


def test_any_channel_has_a_histogram() -> None:
    found = drawn("histograms", one_colour(255, 0, 0), shown="saturation (HSV)")
    assert found.finding.startswith("Saturation (HSV) runs from 255 to 255, 0.0 % of the pixels are at 0 and 100.0 %")
    assert set(found.columns["channel"]) == {"saturation (HSV)"}
    assert channel_histogram(found.columns).to_dict()["mark"]["type"] == "bar"


def test_two_colours_are_two_places_on_the_plane() -> None:
    pixels = np.zeros((10, 10, 3))
    pixels[:5] = (200, 40, 0)
    pixels[5:] = (30, 240, 0)
    found = drawn("colour_plane", view(pixels), pair="red and green", colours="the pixels' own")
    cells = found.picture[::2, ::2]
    rows, columns = np.nonzero(cells.any(axis=2))
    assert sorted(zip(columns.tolist(), (255 - rows).tolist())) == [(30, 240), (200, 40)]
    assert "correlation -1.00" in found.finding and "fill 2 of" in found.finding
    assert not found.aligned


def test_the_colour_wheel_has_red_at_the_right_and_grey_in_the_middle() -> None:
    for rgb, place in (((255, 0, 0), (255, 128)), ((90, 90, 90), (128, 128)), ((0, 255, 255), (1, 128))):
        picture = drawn("colour_plane", one_colour(*rgb), pair="hue and saturation (wheel)", colours="heat").picture
        row, column = np.unravel_index(picture[::2, ::2].sum(axis=2).argmax(), (256, 256))
        assert (column, 255 - row) == pytest.approx(place, abs=4)


def test_the_cloud_shows_true_colours_at_their_places() -> None:
    columns = drawn("colour_cloud", one_colour(10, 200, 30), space="RGB").columns
    assert [columns[a][0] for a in "xyz"] == [10, 200, 30] and set(columns["colour"]) == {"#0ac81e"}
    many = drawn("colour_cloud", view(noisy()), points=5000)
    assert len(many.columns["x"]) == 5000
    assert f"{len(np.unique(noisy()))} different colours" in many.finding
    few = round(96 * 96 / len(np.unique(noisy())))
    assert f"one for {few} pixels" in many.finding


def test_the_first_component_is_the_direction_in_which_colours_differ() -> None:
    rng = np.random.default_rng(3)
    along = rng.normal(0, 30, (64, 64, 1)) * np.array([0.8, 0.6, 0.0])
    pixels = (np.array([120, 120, 120]) + along + rng.normal(0, 2, (64, 64, 3))).round()
    pixels[20:24, 20:24] = (120, 120, 200)
    found = drawn("pca_projection", view(pixels), shown="component 1")
    assert "red by 0.8" in found.finding and "green by 0.6" in found.finding
    values = np.asarray(view(pixels).rgb, float).reshape(-1, 3)
    widest = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)[1] ** 2
    assert f"{100 * widest[0] / widest.sum():.2f} %" in found.finding
    odd = drawn("pca_projection", view(pixels), shown="distance from the main axis").picture
    assert odd[20:24, 20:24].min() == 255 and np.median(odd) < 100


def test_clipped_pixels_are_told_apart() -> None:
    pixels = np.full((20, 20, 3), 128)
    pixels[:5] = 255
    pixels[5:7] = 0
    pixels[7:8] = (255, 128, 128)
    found = drawn("saturation_and_clipping", view(pixels))
    assert "25.0 % of the pixels are too bright" in found.finding
    assert "10.0 % too dark" in found.finding and "in 5.0 %" in found.finding
    assert (np.ptp(found.picture[10:], axis=2) == 0).all() and (np.ptp(found.picture[:8], axis=2) > 0).all()


def test_levels_bring_out_what_is_hidden_in_the_shadow() -> None:
    pixels = np.full((64, 64), 8)
    pixels[20:30, 20:30] = 12
    for given in (
        {"method": "range by hand", "window": (5.0, 15.0)},
        {"method": "equalised"},
        {"method": "range found by itself"},
    ):
        picture = drawn("levels", view(pixels), **given).picture
        assert int(picture[25, 25, 0]) - int(picture[5, 5, 0]) > 90, given
    ends = drawn("levels", view(noisy()), method="range by hand", window=(0.0, 255.0))
    assert np.array_equal(ends.picture[..., 0], noisy())
    brighter = drawn("levels", view(noisy()), method="range by hand", window=(0.0, 255.0), gamma=2.0).picture[..., 0]
    assert np.array_equal(brighter, np.rint(255 * np.sqrt(noisy() / 255)).astype(np.uint8))


def test_one_step_of_brightness_changes_the_false_colour_far() -> None:
    pixels = np.full((8, 8), 103)
    pixels[:, 4:] = 104
    far = drawn("false_colour", view(pixels), repeats=32, shown="red").picture.astype(int)
    assert np.abs(far[0, 0] - far[0, 7]).sum() > 60
    lines = drawn("false_colour", view(pixels), repeats=32, colours="grey with contour lines", shown="red")
    assert (lines.picture[:, 3] == 255).all() and (lines.picture[:, [0, 7]] < 255).all()


def test_a_stretched_channel_reaches_black_and_white() -> None:
    picture = drawn("colour_spaces", view(noisy()), shown="red", contrast="stretched").picture
    assert (picture.min(), picture.max()) == (0, 255)
    plain = drawn("colour_spaces", view(noisy()), shown="red", contrast="as it is")
    assert np.array_equal(plain.picture, noisy())
    assert f"mean {noisy().mean():.1f}, standard deviation {noisy().std():.1f}" in plain.finding


def test_a_colour_is_found_where_it_lies() -> None:
    pixels = np.full((30, 40, 3), (120, 120, 120))
    pixels[5:15, 10:20] = (30, 60, 220)
    ranges = {"first": "blue", "one": (200.0, 255.0), "second": "red", "two": (0.0, 50.0)}
    found = drawn("colour_range", view(pixels), **ranges)
    assert (
        "8.3 % of the pixels" in found.finding and "from 10 to 19 px across and from 5 to 14 px down" in found.finding
    )
    assert (found.picture[5:15, 10:20] == (30, 60, 220)).all() and found.picture[:5].max() < 40
    mask = drawn("colour_range", view(pixels), shown="white on black", chosen="outside of them", **ranges).picture
    assert mask[0, 0] == 255 and mask[10, 15] == 0
    assert drawn("colour_range", view(pixels), first="red", one=(250.0, 255.0)).finding.startswith("No pixel has red")
