"""A number that could not be measured costs no piece of evidence but its own."""

from __future__ import annotations

import sample_files
from cgid.forensics.check import check
from cgid.forensics.evidence.evidence import all_kinds, material_of
from cgid.imaging.image_file import ImageFile

HIGH = 1e3  # above what any kind looks for, so that each number speaks
A_PAYLOAD = {"watermark_payload": 1.0}  # the place in a list, not a measure


def test_two_savings_whose_first_quality_is_not_known_are_told_without_it() -> None:
    image = ImageFile.from_bytes(sample_files.jpeg(side=64), "a.jpg")
    found = check(image).to_json()
    told = {"jpeg_double_compression": 0.7, "jpeg_former_quality": None, "jpeg_former_evidence": 5.5}
    found["features"] |= told
    pieces = {piece.key: piece for piece in all_kinds()["jpeg"].find(material_of(image, found))}
    assert pieces["jpeg.history"].sentence == "The image was a JPEG and was recompressed."
    assert pieces["jpeg.history"].rows and "jpeg.tables" in pieces


def test_no_kind_fails_where_one_number_is_missing_and_all_others_speak() -> None:
    image = ImageFile.from_bytes(sample_files.jpeg(side=64), "a.jpg")
    found = check(image).to_json()
    for value in (None, HIGH, -HIGH):
        everything = dict.fromkeys(found["features"], value) | A_PAYLOAD
        for missing in found["features"]:
            material = material_of(image, found | {"features": everything | {missing: None}})
            for name, kind in all_kinds().items():
                assert isinstance(list(kind.find(material)), list), (name, missing)
