"""Metadata: what is read agrees with a second reader, and a generator's mark counts only in its proper place."""

from __future__ import annotations

import io
import math
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_images import photo
from PIL import Image, PngImagePlugin

from cgid.features import exif_facts, generator_traces, png_file, xmp
from cgid.features.groups.metadata import GROUP
from cgid.features.image import ImageFile

PARAMETERS = "a duck\nNegative prompt: cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512"
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def png(texts: dict[str, str] | None = None, compressed: bool = False) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        info.add_text(key, text, zip=compressed)
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def jpeg(**options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo(48, 48)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def codes(data: bytes) -> list[str]:
    return [t.code for t in generator_traces.find(ImageFile.from_bytes(data, "x"))]


def measured(data: bytes) -> dict:
    return GROUP.compute(ImageFile.from_bytes(data, "x"))


def packet(kind: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"<e:DigitalSourceType>{SOURCE}{kind}</e:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def test_a_marker_appended_after_the_end_changes_nothing() -> None:
    chunk = b"tEXtparameters\0" + PARAMETERS.encode()
    stray = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    for clean in (png(), jpeg()):
        for tail in (stray, PARAMETERS.encode(), packet("trainedAlgorithmicMedia"), b"Midjourney NovelAI"):
            before, after = measured(clean), measured(clean + tail)
            assert all(after[k] == v or (math.isnan(v) and math.isnan(after[k])) for k, v in before.items())


def test_a_text_with_a_wrong_checksum_does_not_count() -> None:
    data = bytearray(png({"parameters": PARAMETERS}))
    at = data.index(b"Sampler")
    data[at] ^= 1
    assert png_file.read(bytes(data)).texts == []


@pytest.mark.parametrize(
    ("kind", "ai", "partly"),
    [("trainedAlgorithmicMedia", 1, 0), ("compositeWithTrainedAlgorithmicMedia", 0, 1), ("digitalCapture", 0, 0)],
)
def test_iptc_source_type_in_xmp(kind: str, ai: float, partly: float) -> None:
    values = measured(jpeg(xmp=packet(kind)))
    assert (values["source_type_ai"], values["source_type_partly_ai"]) == (ai, partly)
    assert values["xmp_capture_type"] == float(kind == "digitalCapture")


def test_hostile_xmp_is_broken_not_obeyed() -> None:
    entities = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
    external = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'
    for hostile in (entities, external, b"<a><b></a>", b"\xff\xfe\0<"):
        assert xmp.read(ImageFile.from_bytes(jpeg(xmp=hostile), "x")).broken
    assert xmp.read(ImageFile.from_bytes(png({"XML:com.adobe.xmp": "x" * (3 << 20)}), "x")).broken


def test_a_thumbnail_of_another_picture_is_noticed() -> None:
    def with_thumbnail(thumbnail: np.ndarray) -> dict:
        small = io.BytesIO()
        Image.fromarray(thumbnail).save(small, "JPEG")
        raw = small.getvalue()
        # One main block without tags, then IFD1 with the two thumbnail tags.
        tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<HI", 0, 14)
        tiff += struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 44, 0x0202, 4, 1, len(raw), 0) + raw
        return measured(jpeg(exif=b"Exif\0\0" + tiff))

    own = np.asarray(Image.fromarray(photo(48, 48)).resize((32, 32)))
    assert with_thumbnail(own)["thumbnail_likeness"] > 0.9
    other = with_thumbnail(own[::-1, ::-1])
    assert other["thumbnail_likeness"] < 0.5
    assert other["anomaly_score"] >= 0.35


def test_dates_out_of_order() -> None:
    exif = Image.Exif()
    exif[0x0132] = "2001:01:01 00:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2020:05:05 10:00:00"
    values = measured(jpeg(exif=exif))
    assert (values["dates_count"], values["dates_consistent"]) == (2, 0)
    assert values["findings_count"] == 1
    assert math.isnan(measured(jpeg())["dates_consistent"])


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_exif_of_any_bytes_never_raises(raw: bytes) -> None:
    measured(jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0" + raw))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_the_png_reader_never_raises(tail: bytes) -> None:
    assert png_file.read(png_file.SIGNATURE + tail).end <= len(tail) + 8


@pytest.mark.real
def test_camera_files_agree_with_a_second_reader(shared_data) -> None:
    import exifread

    compared = 0
    for path in sorted((shared_data / "camera_exif").rglob("*.jpg")):
        with open(path, "rb") as file:
            theirs = exifread.process_file(file, details=False)
        ours = exif_facts.facts(ImageFile.open(path))
        names = {"Make": "Image Make", "Model": "Image Model", "DateTimeOriginal": "EXIF DateTimeOriginal"}
        for name, other in names.items():
            said = str(theirs[other]).strip("\0 ") if other in theirs else ""
            assert str(ours.get(name, "")).strip() == said, (path.name, name)
            compared += bool(said)
        numbers = {"FNumber": "EXIF FNumber", "FocalLength": "EXIF FocalLength", "ExposureTime": "EXIF ExposureTime"}
        for name, other in numbers.items():
            if other in theirs and (mine := exif_facts.number(ours.get(name))) is not None:
                ratio = theirs[other].values[0]
                assert mine == pytest.approx(ratio.num / ratio.den), (path.name, name)
                compared += 1
        has_place = "GPS GPSLatitude" in theirs and "GPS GPSLongitude" in theirs
        assert GROUP.compute(ImageFile.open(path))["gps_present"] == has_place, path.name
    assert compared > 80
