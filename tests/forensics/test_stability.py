"""Copies of a picture are judged from their own bytes, and what becomes of the verdict is said aloud."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.errors import InputError
from cgid.forensics.check import check
from cgid.forensics.stability import COPIES, Outcome, check_copy, stability, summary
from cgid.imaging.image_file import ImageFile

BY_NAME = {copy.name: copy for copy in COPIES}


def photo(width: int = 120, height: int = 90, orientation: int = 1) -> ImageFile:
    pixels = np.random.default_rng(5).normal(120, 30, (height, width, 3)).clip(0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    return ImageFile.from_bytes(buffer.getvalue(), "photo.png")


def outcome(verdict: str, family: str = "saved again", name: str = "jpeg_75", error: str = "") -> Outcome:
    return Outcome(name, name.replace("_", " "), family, verdict, 0.5, error=error)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (120, 90)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_every_copy_is_a_picture_of_its_own(name: str, size: tuple[int, int]) -> None:
    copy = ImageFile.from_bytes(BY_NAME[name].make(photo(*size).rgb), name)
    assert copy.format == {"screenshot": "PNG", "webp_80": "WEBP"}.get(name, "JPEG")


def test_copies_have_the_size_they_claim() -> None:
    def size(name: str, image: ImageFile) -> tuple[int, int]:
        copy = ImageFile.from_bytes(BY_NAME[name].make(image.rgb), name)
        return copy.width, copy.height

    image = photo(400, 200)
    assert size("jpeg_85", image) == (400, 200)
    assert size("resize_50", image) == (200, 100)
    assert size("crop_60", image) == (240, 120)
    assert size("screenshot", image) == (400, 200)
    assert size("screenshot", photo(3200, 200)) == (1600, 100)
    assert size("jpeg_85", photo(400, 200, orientation=6)) == (200, 400)  # as people see it


def test_a_crop_leaves_the_grid_of_the_first_save() -> None:
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[3:, 3:] = 255  # a crop of 60 % of 64 px begins at 12 or 13
    copy = ImageFile.from_bytes(BY_NAME["crop_60"].make(rgb), "c")
    assert (copy.width, copy.height) == (38, 38)


def test_the_quality_of_a_copy_is_that_which_was_asked() -> None:
    copy = ImageFile.from_bytes(BY_NAME["jpeg_60"].make(photo().rgb), "c.jpg")
    assert check(copy).features["jpeg_quality_estimate"] == 60


def test_without_models_every_copy_is_as_inconclusive_as_the_picture(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    image = photo()
    told = summary("inconclusive", list(stability(image)))
    assert (told["survives"], told["of"], told["holds"]) == (len(COPIES), len(COPIES), True)
    assert told["sentence"] == f"All {len(COPIES)} copies are inconclusive too."


def test_a_copy_that_cannot_be_made_costs_only_itself() -> None:
    def fails(rgb):
        raise OSError("no room")

    copy = type(COPIES[0])("jpeg_95", "JPEG 95", "saved again", fails)
    assert check_copy(photo(), copy).error == "the copy cannot be created (no room)"
    told = summary("likely_ai", [check_copy(photo(), copy), outcome("likely_ai")])
    assert (told["survives"], told["of"]) == (1, 1)


def test_a_verdict_that_turns_with_re_saving_is_said_aloud() -> None:
    told = summary("likely_ai", [outcome("likely_ai"), outcome("inconclusive"), outcome("likely_real", name="jpeg_60")])
    assert told["holds"] is False and told["reversed"] == ["jpeg 60"]
    assert told["sentence"] == (
        "This verdict does not survive re-saving: 1 of 3 copies get the same verdict. Opposite verdict: jpeg 60."
    )


def test_what_it_does_not_survive_is_named() -> None:
    kept = outcome("likely_real")
    for family, name, words in (
        ("cropped", "crop_60", "being cropped"),
        ("made smaller", "resize_50", "being made smaller"),
        ("screenshot (simulated)", "screenshot", "a screenshot"),
    ):
        told = summary("likely_real", [kept, outcome("inconclusive", family, name)])
        assert told["sentence"].startswith(f"This verdict does not survive {words}:")
    assert summary("likely_real", [kept])["sentence"] == "This verdict survives: all 1 copies get it."


def test_credentials_are_lost_with_the_metadata_and_that_is_said() -> None:
    told = summary("declared_ai", [outcome("inconclusive")])
    assert "lost with the metadata" in told["sentence"]


def test_nothing_judged_is_one_sentence() -> None:
    with pytest.raises(InputError, match="No copy"):
        summary("likely_ai", [outcome("unreadable", error="x")])
