"""The page's pHash is the manifest's: whatever the file, cleaning and the fingerprints of a check agree on it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cgid.data.probe import inspect_file
from cgid.imaging.image_file import ImageFile
from cgid.imaging.perceptual_hash import perceptual_hashes
from cgid.inspector import hashes

SMOOTH = np.random.default_rng(4).integers(0, 256, (9, 12, 3), dtype=np.uint8)


def picture(width: int = 900, height: int = 700) -> Image.Image:
    return Image.fromarray(SMOOTH).resize((width, height), Image.Resampling.BICUBIC)


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def with_alpha() -> Image.Image:
    image = picture().convert("RGBA")
    image.putalpha(Image.radial_gradient("L").resize(image.size))
    return image


def sixteen_bits() -> Image.Image:
    return Image.fromarray(np.asarray(picture().convert("L"), np.uint16) * 200 + 1000)


# name -> (picture, options of saving)
CASES = {
    "plain.jpg": (picture(), {"quality": 85}),
    "small.png": (picture(96, 80), {}),
    **{f"turned{k}.jpg": (picture(), {"quality": 90, "exif": turned(k)}) for k in (2, 3, 6, 8)},
    "turned.tif": (picture(), {"exif": turned(6)}),
    "alpha.png": (with_alpha(), {}),
    "alpha_turned.png": (with_alpha(), {"exif": turned(6)}),
    "deep.png": (sixteen_bits(), {}),
    "palette.gif": (picture().convert("P"), {}),
    "print.jpg": (picture().convert("CMYK"), {}),
    "bits.png": (picture().convert("1"), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_check_and_cleaning_give_one_phash(name: str, tmp_path) -> None:
    image, options = CASES[name]
    image.save(tmp_path / name, **options)
    on_the_page = {h.name: h.value for h in hashes.image_hashes(ImageFile.open(tmp_path / name))}
    cleaned = inspect_file(str(tmp_path / name))
    assert not cleaned.problem and len(cleaned.phash) == 16
    assert on_the_page["pHash"] == cleaned.phash
    assert len(on_the_page["dHash"]) == len(on_the_page["aHash"]) == 16


@pytest.mark.parametrize("orientation", range(2, 9))
def test_hashes_are_of_the_upright_picture(orientation: int, tmp_path) -> None:
    picture().save(tmp_path / "a.png")
    stored = picture().transpose(
        {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    )  # Pillow's transpositions that undo what the orientation asks for
    stored.save(tmp_path / "b.png", exif=turned(orientation))
    one, two = (hashes.image_hashes(ImageFile.open(tmp_path / name)) for name in ("a.png", "b.png"))
    assert max(hashes.hamming_distance(a.value, b.value) for a, b in zip(one, two)) <= 2


def test_a_flat_picture_has_no_phash() -> None:
    assert perceptual_hashes(Image.new("RGB", (64, 64), "#808080"))["pHash"] == ""
