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
from PIL import Image, PngImagePlugin

from cgid.features.groups.metadata import GROUP
from cgid.fileformat import png as fileformat_png
from cgid.imaging.image_file import ImageFile
from cgid.metadata import generators, xmp
from synthetic_images import photo

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
    return [t.code for t in generators.find_marks(ImageFile.from_bytes(data, "x"))]


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
    assert fileformat_png.read_png(bytes(data)).texts == []


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
        assert xmp.read_xmp(ImageFile.from_bytes(jpeg(xmp=hostile), "x")).broken
    assert xmp.read_xmp(ImageFile.from_bytes(png({"XML:com.adobe.xmp": "x" * (3 << 20)}), "x")).broken


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
    padded, cut = np.zeros((48, 32, 3), np.uint8), np.asarray(Image.fromarray(photo(48, 48)[6:42]).resize((32, 24)))
    padded[8:40] = own
    assert with_thumbnail(padded)["thumbnail_likeness"] > 0.9
    assert with_thumbnail(cut)["thumbnail_likeness"] > 0.9
    other = with_thumbnail(own[::-1, ::-1])
    assert other["thumbnail_likeness"] < 0.5
    assert other["anomaly_score"] >= 0.35


def exif_values(tags: dict[int, object]) -> dict:
    exif = Image.Exif()
    for tag, value in tags.items():
        (exif if tag in (0x010F, 0x0110, 0x0132) else exif.get_ifd(0x8769))[tag] = value
    exif[0x0131] = "a program"
    return measured(jpeg(exif=exif))


@pytest.mark.parametrize(
    ("make", "model", "consistent"),
    [
        ("Canon", "Canon EOS 5D", 1),
        ("NIKON CORPORATION", "NIKON D70", 1),
        ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-3", 1),
        ("Apple", "iPhone 12", 1),
        ("unheard of", "X1", 1),
        ("Canon", "NIKON D70", 0),
        ("Apple", "Pixel 7", 0),
        ("Canon", None, 0),
        (None, "NIKON D70", 0),
    ],
)
def test_camera_make_and_model(make: str | None, model: str | None, consistent: float) -> None:
    tags = {tag: text for tag, text in ((0x010F, make), (0x0110, model)) if text}
    assert exif_values(tags)["make_model_consistent"] == consistent


def test_exposure_against_exposure() -> None:
    # 1/125 s is 6.97 APEX, f/8 is 6.
    assert exif_values({0x829A: 1 / 125, 0x9201: 6.97})["exposure_apex_gap"] < 0.01
    assert exif_values({0x829D: 8.0, 0x9202: 3.0})["exposure_apex_gap"] == pytest.approx(3)
    assert math.isnan(exif_values({0x829D: 8.0})["exposure_apex_gap"])


def test_size_as_taken() -> None:
    assert exif_values({0xA002: 48, 0xA003: 48})["size_consistent"] == 1
    assert exif_values({0xA002: 96, 0xA003: 96})["size_consistent"] == 0
    assert math.isnan(exif_values({})["size_consistent"])


def test_an_impossible_place_is_noticed() -> None:
    def place(latitude: float) -> dict:
        exif = Image.Exif()
        exif.get_ifd(0x8825).update({1: "S", 2: (latitude, 30.0, 0.0), 3: "E", 4: (10.0, 0.0, 0.0)})
        exif[0x0131] = "a program"
        return measured(jpeg(exif=exif))

    assert (place(12.0)["gps_present"], place(12.0)["gps_possible"]) == (1, 1)
    assert place(95.0)["gps_possible"] == 0


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("block", [b"II*\0", b"nothing at all", b"II*\0\xff\xff\xff\x7f", b"MM\0*\0\0\0\x08\0\0"])
def test_an_exif_block_that_says_nothing_is_broken(block: bytes) -> None:
    values = measured(jpeg(exif=b"Exif\0\0" + block))
    assert (values["exif_present"], values["exif_broken"]) == (0, 1)
    assert measured(jpeg())["exif_broken"] == 0


def test_an_orientation_named_by_xmp_is_no_exif() -> None:
    body = b'<r:RDF xmlns:r="r" xmlns:tiff="t"><tiff:Orientation>6</tiff:Orientation></r:RDF>'
    values = measured(jpeg(xmp=body))
    assert (values["exif_present"], values["exif_tag_count"], values["xmp_present"]) == (0, 0, 1)


def test_a_tiffs_own_structure_is_no_exif() -> None:
    buffer = io.BytesIO()
    Image.fromarray(photo(48, 48)).save(buffer, "TIFF")
    assert measured(buffer.getvalue())["exif_present"] == 0


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
    assert fileformat_png.read_png(fileformat_png.SIGNATURE + tail).end <= len(tail) + 8
