"""JPEG history on pictures whose history is known: saved once, twice, in part, cropped in between, or never."""

from __future__ import annotations

import io
import math
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.features.group import extract
from cgid.features.registry import select_groups
from cgid.features.signals import dct_histogram, double_quantisation
from cgid.imaging.image_file import ImageFile

NAMES = ("astronaut", "chelsea", "coffee", "rocket")


@cache
def natural(name: str) -> Image.Image:
    from skimage import data

    # Scaled down, so that what these photographs' own compression left is gone.
    return Image.fromarray(getattr(data, name)()).resize((384, 296), Image.Resampling.LANCZOS)


def saved(image: Image.Image, quality: int | None = None, **options) -> bytes:
    """A JPEG of that quality; a PNG for None."""
    file = io.BytesIO()
    if quality is None:
        image.save(file, "PNG", **options)
    else:
        image.save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


def again(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(saved(image, quality))).convert("RGB")


def measured(data: bytes) -> dict[str, float]:
    values, problems = extract(ImageFile.from_bytes(data, "a.jpg"), select_groups("jpeg_structure,jpeg_history"))
    assert problems == {}
    return {column.removeprefix("jpeg_"): v for column, v in values.items()}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("first", "second"), [(50, 75), (60, 90), (70, 85), (80, 95), (85, 90), (92, 95), (70, 75)])
def test_a_first_compression_is_seen_and_named(name: str, first: int, second: int) -> None:
    twice = measured(saved(again(natural(name), first), second))
    assert abs(twice["former_quality"] - first) <= 1
    assert twice["former_evidence"] >= double_quantisation.DETECTION_THRESHOLD


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("second", [50, 75, 85, 90, 95, 98, None])
def test_nothing_is_seen_where_there_was_none(name: str, second: int | None) -> None:
    once = measured(saved(natural(name), second))
    assert math.isnan(once["former_quality"])
    assert once["former_evidence"] < double_quantisation.DETECTION_THRESHOLD


@pytest.mark.parametrize("quality", [40, 55, 65, 75, 80, 85, 90, 93, 95, 97])
def test_the_quality_of_a_decoded_jpeg_is_found_in_a_png(quality: int) -> None:
    for name in NAMES:
        assert abs(measured(saved(again(natural(name), quality)))["former_quality"] - quality) <= 1


@pytest.mark.parametrize(("first", "second"), [(50, 75), (60, 90), (70, 85), (80, 95)])
def test_double_compression_stands_out(first: int, second: int) -> None:
    for name in NAMES[:3]:
        once = measured(saved(natural(name), second))
        twice = measured(saved(again(natural(name), first), second))
        assert once["double_compression"] < 0.4 < 0.6 < twice["double_compression"]


def test_a_pasted_part_is_a_ghost_of_its_size() -> None:
    for name in NAMES:
        pixels = np.array(natural(name))
        pixels[64:192, 96:224] = np.asarray(again(natural(name), 60))[64:192, 96:224]
        part = measured(saved(Image.fromarray(pixels), 92))
        whole = measured(saved(again(natural(name), 60), 92))
        none = measured(saved(natural(name), 92))
        # 4 x 4 of the 9 x 12 tiles of 32 px.
        assert part["ghost_share"] == pytest.approx(16 / 108, abs=0.07)
        assert whole["ghost_share"] > 0.8 and none["ghost_share"] < 0.05
        assert none["ghost_unevenness"] < 0.05 and whole["ghost_unevenness"] < 0.2 < part["ghost_unevenness"]
        assert whole["ghost_depth"] > 0.7 > 0.15 > none["ghost_depth"]


@pytest.mark.parametrize(("left", "top"), [(0, 0), (3, 5), (7, 1), (4, 0)])
def test_the_grid_moves_with_the_crop(left: int, top: int) -> None:
    for name in NAMES:
        cropped = again(natural(name), 75).crop((left, top, 360, 280))
        values = measured(saved(cropped))
        assert (values["grid_column"], values["grid_row"]) == ((8 - left) % 8, (8 - top) % 8)
        assert (values["foreign_grid"] > 2.5) == bool(left % 4 or top % 4)


def test_a_jpeg_cropped_and_saved_again_shows_its_first_grid() -> None:
    for name in NAMES:
        cropped = again(natural(name), 60).crop((3, 6, 360, 280))
        assert measured(saved(cropped, 92))["foreign_grid"] > 2.5 > measured(saved(natural(name), 60))["foreign_grid"]


@pytest.mark.parametrize("quality", [60, 75, 85])
def test_the_quality_of_a_cropped_and_decoded_jpeg_is_found_on_its_own_grid(quality: int) -> None:
    for name in NAMES:
        found = measured(saved(again(natural(name), quality).crop((3, 6, 380, 290))))
        # Where no grid stands out there is none to look on: then nothing is said.
        seen = not math.isnan(found["grid_row"] + found["grid_column"])
        assert abs(found["former_quality"] - quality) <= 1 if seen else math.isnan(found["former_quality"])
        assert seen or quality == 85


def test_a_picture_without_blocks_has_no_grid() -> None:
    for name in NAMES:
        values = measured(saved(natural(name)))
        assert values["grid_strength"] < 5 and math.isnan(values["grid_column"]) and abs(values["blockiness"]) < 0.05
        assert measured(saved(natural(name), 50))["blockiness"] > 0.1


def test_a_jpeg_turned_by_its_exif_orientation_keeps_its_history() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = again(natural("coffee"), 70)
    plain, turned = measured(saved(picture, 92)), measured(saved(picture, 92, exif=exif))
    for column in ("former_quality", "former_evidence", "grid_column", "blockiness", "ghost_share"):
        assert turned[column] == plain[column]


@pytest.mark.parametrize("quality", [60, 75, 85])
def test_pillow_changes_a_decoded_jpeg_least_at_the_quality_that_is_found(quality: int) -> None:
    picture = again(natural("coffee").convert("L").convert("RGB"), quality)
    gray, found = np.asarray(picture.convert("L")).astype(int), measured(saved(picture))["former_quality"]
    change = {q: np.abs(np.asarray(again(picture, q).convert("L")) - gray).mean() for q in range(40, 96, 5)}
    assert min(change, key=change.get) == quality and abs(found - quality) <= 1


def test_values_about_the_files_own_tables_are_missing_for_other_formats() -> None:
    values = measured(saved(natural("coffee")))
    missing = {name for name, v in values.items() if math.isnan(v)}
    assert {"double_compression", "combined_anomaly_score"} <= missing
    assert values["history_missing"] == 0 and values["structure_missing"] == 1


def test_oddities_combine_as_said() -> None:
    data = saved(again(natural("coffee"), 60), 90)
    values = measured(data)
    again_score = (values["double_compression"] - 0.4) / 0.6
    expected = 1 - (1 - values["qtable_anomaly_score"]) * (1 - values["inconsistency_score"]) * (1 - again_score)
    assert values["combined_anomaly_score"] == pytest.approx(expected)


@pytest.mark.parametrize("step", [0, 1, 255, 65535])
def test_strange_tables_are_no_trouble(step: int) -> None:
    data = saved(natural("coffee"), 90)
    at = data.index(b"\xff\xc0")
    wide = b"\xff\xdb" + (2 + 129).to_bytes(2, "big") + b"\x10" + step.to_bytes(2, "big") * 64
    measured(data[:at] + wide + data[at:])


def test_the_smooth_course_is_numpys_polynomial() -> None:
    counts = np.random.default_rng(3).poisson(4000 / np.arange(1, 31) ** 1.3).astype(float)
    x = np.log(np.arange(1, 31))
    expected = np.exp(np.polyval(np.polyfit(x, np.log(counts + 1), 3), x)) - 1
    found = dct_histogram.smooth_counts(counts)
    assert np.allclose(found / found.sum(), expected / expected.sum())
    assert found.sum() == pytest.approx(counts.sum())


def test_levels_are_counted_as_a_loop_counts_them() -> None:
    from scipy.fft import dctn

    image = ImageFile.from_bytes(saved(natural("coffee").crop((0, 0, 64, 48)), 80), "a.jpg")
    gray, table = image.stored_luma_crop(512).astype(float) - 128, Image.open(io.BytesIO(image.data)).quantization[0]
    expected = np.zeros((15, 64))
    natural_order = [1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5]
    for top in range(0, 48, 8):
        for left in range(0, 64, 8):
            block = dctn(gray[top : top + 8, left : left + 8], norm="ortho").ravel()
            for i, place in enumerate(natural_order):
                level = abs(round(block[place] / table[place]))
                if 1 <= level <= 64:
                    expected[i, level - 1] += 1
    assert np.array_equal(dct_histogram.level_counts(image), expected)
