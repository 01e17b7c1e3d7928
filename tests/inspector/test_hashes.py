"""Fingerprints against published examples and against what they promise: which change survives which hash."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from cgid.imaging.image_file import ImageFile
from cgid.inspector import hashes
from cgid.records import store


def picture(kind: str, side: int = 96, **options) -> ImageFile:
    rows, columns = np.mgrid[:side, :side] / side
    pixels = np.stack([255 * rows, 255 * columns, 255 * (np.hypot(rows - 0.3, columns - 0.6) < 0.25)], axis=-1)
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, kind, **options)
    return ImageFile.from_bytes(buffer.getvalue(), "made")


def test_the_published_digests_of_abc() -> None:
    found = {h.name: h.value for h in hashes.byte_hashes(b"abc")}
    assert found["MD5"] == "900150983cd24fb0d6963f7d28e17f72"
    assert found["SHA-1"] == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert found["SHA-256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert found["SHA-512"].startswith("ddaf35a193617abacc417349ae204131")
    assert found["CRC32"] == "352441c2"


def test_the_pixels_hash_survives_another_lossless_container_and_new_metadata() -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("parameters", "a cat")
    plain, told, bmp = picture("PNG"), picture("PNG", pnginfo=note), picture("BMP")
    assert len({hashes.pixel_hash(i).value for i in (plain, told, bmp)}) == 1
    assert hashes.pixel_hash(picture("JPEG")).value != hashes.pixel_hash(plain).value
    by_hand = hashlib.sha256((96).to_bytes(4, "big") * 2 + plain.rgb.tobytes()).hexdigest()
    assert hashes.pixel_hash(plain).value == by_hand


def test_perceptual_hashes_stay_close_over_a_re_save_and_a_resize() -> None:
    first = hashes.image_hashes(picture("PNG"))
    for other in (picture("JPEG", quality=40), picture("PNG", side=256)):
        for one, two in zip(first, hashes.image_hashes(other)):
            assert hashes.hamming_distance(one.value, two.value) <= 8, one.name
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (96, 96, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    unlike = hashes.image_hashes(ImageFile.from_bytes(buffer.getvalue(), "noise.png"))
    assert hashes.hamming_distance(first[0].value, unlike[0].value) > 16


def test_bits_apart_counts_bits_and_refuses_unequal_lengths() -> None:
    assert hashes.hamming_distance("ff00", "0f01") == 5
    with pytest.raises(ValueError, match="lengths"):
        hashes.hamming_distance("ff", "fff")


@pytest.mark.parametrize("side", [1, 2])
def test_tiny_pictures_have_hashes(side: int) -> None:
    assert len(hashes.image_hashes(picture("PNG", side=side))) == 3


def test_a_file_met_before_is_found_among_checks_and_in_manifests(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    from cgid.settings import settings

    sha256 = "a1" * 32
    assert store.previous_checks(sha256) == [] and store.data_sets_with(sha256) == []
    store.record_analysis({"file": "cat.jpg", "sha256": sha256, "verdict": "likely_real"})
    folder = settings().manifests / "demo"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text(f"filepath,label,sha256\ncat.jpg,real,{sha256}\n")
    (folder / "test.csv").write_text("filepath,label,sha256\ndog.jpg,real,00\n")
    assert [(s.name, s.detail) for s in store.previous_checks(sha256)] == [("cat.jpg", "likely_real")]
    assert [s.name for s in store.data_sets_with(sha256)] == ["demo/train.csv"]
