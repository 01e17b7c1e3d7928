"""Each sample leads the check to the statement that it is there to show."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from cgid.forensics.check import CheckResult, check
from cgid.forensics.samples import gallery
from cgid.forensics.samples.embed import with_thumbnail
from cgid.imaging.image_file import ImageFile
from cgid.metadata.exif import ifd
from cgid.metadata.thumbnail import exif_thumbnail, similarity
from cgid.settings import settings

MADE = [name for name, sample in gallery.all_samples().items() if sample.cacheable]


@cache
def picture(name: str) -> bytes:
    data = gallery.all_samples()[name].make()
    assert data
    return data


@cache
def judged(name: str) -> CheckResult:
    return check(picture(name), gallery.all_samples()[name].file)


def codes(found: CheckResult) -> set[str]:
    return {hit.code for hit in found.rules.hits}


@pytest.mark.parametrize("name", MADE)
def test_a_sample_says_in_a_line_what_it_shows_and_its_name_fits_its_format(name):
    sample = gallery.all_samples()[name]
    assert sample.shows.endswith(".") and len(sample.shows) < 130 and len(sample.title) < 30
    image = ImageFile.from_bytes(picture(name), sample.file)
    assert {"JPEG": ".jpg", "PNG": ".png"}[image.format] == sample.suffix
    assert sample.file.startswith("sample_") and min(image.rgb.shape[:2]) >= 256


def test_only_signed_marked_and_labelled_samples_are_called_ai():
    verdicts = {name: judged(name).verdict for name in MADE}
    assert {n for n, v in verdicts.items() if v == "declared_ai"} == {"signed", "metadata"}
    assert {n for n, v in verdicts.items() if v == "likely_ai"} == {"watermarked"}
    assert {v for n, v in verdicts.items() if n not in ("signed", "metadata", "watermarked")} == {"inconclusive"}


def test_the_camera_photo_has_a_camera_a_place_and_a_thumbnail_of_itself():
    image = ImageFile.from_bytes(picture("camera"), "a.jpg")
    small = Image.open(io.BytesIO(exif_thumbnail(image)))
    assert max(small.size) == 160 and similarity(image) > 0.9
    place = image.exif.get_ifd(0x8825)
    degrees, minutes, seconds = (float(v) for v in place[2])
    assert place[1] == "N" and degrees + minutes / 60 + seconds / 3600 == pytest.approx(28.5619, abs=1e-5)
    degrees, minutes, seconds = (float(v) for v in place[4])
    assert place[3] == "W" and degrees + minutes / 60 + seconds / 3600 == pytest.approx(80.5774, abs=1e-5)
    assert ifd(image, "thumbnail") and "Simulated" in str(image.exif[0x010F])
    found = judged("camera")
    assert not found.provenance["declares"] and not found.provenance["findings"]


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_thumbnail_is_appended_in_either_byte_order(order):
    import struct

    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8)
    tiff += struct.pack(order + "H", 1) + struct.pack(order + "HHLHH", 0x0112, 3, 1, 1, 0) + b"\0" * 4
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG")
    whole = io.BytesIO()
    Image.new("RGB", (640, 480)).save(whole, "JPEG", exif=with_thumbnail(tiff, buffer.getvalue()))
    assert exif_thumbnail(ImageFile.from_bytes(whole.getvalue(), "a.jpg")) == buffer.getvalue()


def test_the_former_quality_of_the_one_saved_twice_and_of_the_splice_is_named():
    assert judged("saved_twice").features["jpeg_former_quality"] == 60
    assert judged("spliced").features["jpeg_former_quality"] == 65
    assert "double_compression" in codes(judged("saved_twice"))


def test_the_pasted_cup_lacks_what_the_rest_went_through():
    from cgid.forensics.samples.kinds.photographs import SPLICED_HALF_HEIGHT, SPLICED_HALF_WIDTH, SPLICED_TO, box_around

    pixels = ImageFile.from_bytes(picture("spliced"), "a.jpg").rgb
    again = io.BytesIO()
    Image.fromarray(pixels).save(again, "JPEG", quality=65)
    change = np.abs(pixels.astype(int) - np.asarray(Image.open(again)).astype(int)).mean(axis=2)
    cup = box_around(change, SPLICED_TO)[
        SPLICED_HALF_HEIGHT // 2 : -SPLICED_HALF_HEIGHT // 2, SPLICED_HALF_WIDTH // 2 : -SPLICED_HALF_WIDTH // 2
    ].mean()
    assert cup > 1.3 * np.median([change[:, :60].mean(), change[:60].mean(), change[:, -60:].mean()])


def test_the_cloned_part_stands_in_both_places():
    from cgid.forensics.samples.kinds.photographs import COPIED_FROM, COPIED_SIDE, COPIED_TO

    pixels = ImageFile.from_bytes(picture("copied"), "a.jpg").rgb.astype(int)
    one, two = (pixels[y + 8 : y + COPIED_SIDE - 8, x + 8 : x + COPIED_SIDE - 8] for y, x in (COPIED_FROM, COPIED_TO))
    assert np.abs(one - two).mean() < 4 < one.std()


def test_the_filters_that_a_sample_names_are_on_the_bench_and_the_search_for_copies_finds_the_pair():
    from cgid.forensics.samples.kinds.photographs import COPIED_FROM, COPIED_TO
    from cgid.inspector.filter import all_filters
    from cgid.inspector.view import View

    assert {f for s in gallery.all_samples().values() for f in s.filters} <= set(all_filters())
    view = View(ImageFile.from_bytes(picture("copied"), "a.jpg"))
    search = all_filters()["copy_move"]
    found = search.apply(view, **{p.name: p.start for p in search.parameters}).finding
    assert f"moved {COPIED_TO[1] - COPIED_FROM[1]} px right and {COPIED_FROM[0] - COPIED_TO[0]} px up" in found


def test_the_invisible_mark_is_found_by_name_and_cannot_be_seen():
    from cgid.forensics.samples.sample import render_scene

    found = judged("watermarked")
    assert found.features["watermark_detected"] == 1 and found.features["watermark_payload"] == 1
    marked = ImageFile.from_bytes(picture("watermarked"), "a.png").rgb.astype(int)
    assert np.abs(marked - render_scene(9)).mean() < 6
    assert judged("generator").features["watermark_detected"] == 0


def test_the_generators_text_is_read_with_prompt_and_seed():
    (trace,) = judged("metadata").provenance["traces"]
    assert trace["declares"] == "ai" and trace["settings"]["seed"] == "20260704"


def test_intact_credentials_declare_and_nobody_vouches_for_their_signer():
    found = judged("signed")
    credentials = found.provenance["credentials"]
    assert credentials["fits_picture"] is True and credentials["trusted"] is False and not credentials["expired"]
    assert found.models["decided_by"] == "provenance"


def test_forged_credentials_declare_nothing_and_warn():
    found = judged("forged")
    assert not found.provenance["declares"] and found.provenance["credentials"]["fits_picture"] is False
    assert "credentials_broken" in codes(found) and "do not match the image" in found.reason


def test_samples_are_kept_by_version_and_a_damaged_disk_costs_no_picture(monkeypatch):
    assert gallery.sample_bytes("saved_twice") == gallery.sample_bytes("saved_twice")
    folder = settings().artifacts / "samples"
    assert [f.name for f in folder.iterdir()] == ["saved_twice-1.jpg"]
    assert gallery.sample_thumbnail("saved_twice")[8:12] == b"WEBP"
    (folder / "saved_twice-1.jpg").unlink()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(gallery, "write_bytes", full)
    assert gallery.sample_bytes("saved_twice")


def test_without_a_demo_its_two_pictures_are_not_offered_and_no_name_climbs_out_of_the_folder():
    assert gallery.sample_bytes("demo_photo") is None and gallery.sample_thumbnail("demo_ai") is None
    assert gallery.sample_bytes("../../etc/passwd") is None and gallery.sample_thumbnail("") is None


def test_the_demos_pictures_come_from_its_test_split_and_are_not_copied(tmp_path):
    folder = settings().manifests / "demo_matched_40"
    folder.mkdir(parents=True)
    (folder / "b.jpg").write_bytes(picture("saved_twice"))
    (folder / "test.csv").write_text("filepath,label\nlost.jpg,real\na.jpg,ai\nb.jpg,real\n")
    assert gallery.sample_bytes("demo_photo") == picture("saved_twice") and gallery.sample_bytes("demo_ai") is None
    assert gallery.sample_thumbnail("demo_photo")[8:12] == b"WEBP" and not (settings().artifacts / "samples").exists()
