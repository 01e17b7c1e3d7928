"""EXIF, thumbnails and XMP of real camera files as a second, independent reader sees them."""

from __future__ import annotations

import re

import pytest

from cgid.features.groups.metadata import GROUP
from cgid.imaging.image_file import ImageFile
from cgid.metadata import exif, thumbnail
from cgid.metadata.exif_checks import Metadata, findings

TEXTS = {
    "Make": "Image Make",
    "Model": "Image Model",
    "Software": "Image Software",
    "DateTime": "Image DateTime",
    "DateTimeOriginal": "EXIF DateTimeOriginal",
    "DateTimeDigitized": "EXIF DateTimeDigitized",
    "LensModel": "EXIF LensModel",
}
NUMBERS = {
    "ExposureTime": "EXIF ExposureTime",
    "FNumber": "EXIF FNumber",
    "ISOSpeedRatings": "EXIF ISOSpeedRatings",
    "FocalLength": "EXIF FocalLength",
    "ApertureValue": "EXIF ApertureValue",
    "ShutterSpeedValue": "EXIF ShutterSpeedValue",
    "ExifImageWidth": "EXIF ExifImageWidth",
    "ExifImageHeight": "EXIF ExifImageLength",
}


@pytest.fixture(scope="module")
def camera_files(shared_data) -> list[tuple[str, ImageFile, dict]]:
    """(name, our file, the other reader's tags)."""
    import exifread

    found = []
    for path in sorted((shared_data / "camera_exif").rglob("*.jpg")):
        with open(path, "rb") as file:
            theirs = exifread.process_file(file, details=False)
        # The other reader does not look beyond a long XMP packet in front of the EXIF block.
        if path.name != "no_exif.jpg":
            found.append((path.name, ImageFile.open(path), theirs))
    return found


def decimal(value) -> float:
    return value.num / value.den if hasattr(value, "num") else float(value)


@pytest.mark.real
def test_texts_agree(camera_files) -> None:
    compared = 0
    for name, image, theirs in camera_files:
        ours = exif.tags(image)
        for tag, other in TEXTS.items():
            said = str(theirs[other]).strip("\0 ") if other in theirs else ""
            assert str(ours.get(tag, "")).strip() == said, (name, tag)
            compared += bool(said)
    assert compared > 120


@pytest.mark.real
def test_numbers_agree(camera_files) -> None:
    compared = 0
    for name, image, theirs in camera_files:
        ours = exif.tags(image)
        for tag, other in NUMBERS.items():
            if other in theirs and (mine := exif.to_number(ours.get(tag))) is not None:
                assert mine == pytest.approx(decimal(theirs[other].values[0])), (name, tag)
                compared += 1
    assert compared > 100


@pytest.mark.real
def test_orientation_and_places_agree(camera_files) -> None:
    placed = 0
    for name, image, theirs in camera_files:
        turned = theirs["Image Orientation"].values if "Image Orientation" in theirs else [1]
        assert image.orientation == (turned[0] if turned and 1 <= turned[0] <= 8 else 1), name
        has_place = "GPS GPSLatitude" in theirs and "GPS GPSLongitude" in theirs
        assert GROUP.compute(image)["gps_present"] == has_place, name
        if not has_place:
            continue
        wanted = []
        for axis, negative in (("Latitude", "S"), ("Longitude", "W")):
            degrees, minutes, seconds = map(decimal, theirs[f"GPS GPS{axis}"].values)
            sign = -1 if str(theirs[f"GPS GPS{axis}Ref"]) == negative else 1
            wanted.append(sign * (degrees + minutes / 60 + seconds / 3600))
        assert Metadata(image).position == pytest.approx(tuple(wanted)), name
        placed += 1
    assert placed >= 6


@pytest.mark.real
def test_thumbnails_agree_and_show_the_picture(camera_files) -> None:
    shown = 0
    for name, image, theirs in camera_files:
        assert thumbnail.exif_thumbnail(image) == (theirs.get("JPEGThumbnail") or b""), name
        likeness = thumbnail.similarity(image)
        assert not likeness < 0.75, name
        shown += likeness > 0.75
    assert shown >= 20


@pytest.mark.real
def test_no_camera_file_contradicts_itself(camera_files) -> None:
    said = {name: {f.code for f in findings(Metadata(image))} for name, image, _ in camera_files}
    # Collectors resized some of these samples and photo programs saved others; that much is true of them.
    assert all(codes <= {"size", "editor"} for codes in said.values()), said


@pytest.mark.real
def test_edit_history_counts_the_steps_of_the_packet(shared_data) -> None:
    counted = {}
    for path in sorted((shared_data / "camera_exif").rglob("*.jpg")):
        history = Metadata(ImageFile.open(path)).xmp.history
        if history:
            packet = re.search(rb"<x:xmpmeta.*?</x:xmpmeta>", path.read_bytes(), re.DOTALL).group(0)
            steps = re.search(rb"<xmpMM:History>.*?</xmpMM:History>", packet, re.DOTALL)
            counted[path.name] = (history, len(re.findall(rb"<rdf:li", steps.group(0))) if steps else 0)
    assert counted
    assert all(ours == theirs for ours, theirs in counted.values()), counted
