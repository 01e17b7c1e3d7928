"""Everything a file says, in one table: each place of each container, hostile text cut, nothing raised."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from cgid.errors import InputError
from cgid.fileformat.tree import parse_structure
from cgid.imaging.image_file import ImageFile
from cgid.inspector import exif_text, metadata_table
from cgid.inspector.metadata_table import Row

SHARED = Path(os.environ.get("CGID_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmp:CreatorTool="Brush &lt;script&gt;"><dc:creator><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def picture(kind: str, **options) -> ImageFile:
    buffer = io.BytesIO()
    Image.fromarray(np.full((12, 16, 3), 90, np.uint8)).save(buffer, kind, **options)
    return ImageFile.from_bytes(buffer.getvalue(), f"made.{kind.lower()}")


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x010F], made[0x0112] = "Canon", 6
    made[0x8769] = {0x829A: (1, 125), 0x829D: 2.8, 0x9209: 0x41, 0x927C: b"Canon notes" * 9, 0x920A: 50.0}
    made[0x8825] = {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    return made


def values(found: list[Row]) -> dict[tuple[str, str], str]:
    return {(r.where, r.name): r.value for r in found}


def test_exif_is_interpreted_and_the_raw_value_stands_beside() -> None:
    made = exif()
    made[0x8769][0x829A] = 0.008
    found = metadata_table.rows(picture("JPEG", exif=made.tobytes(), comment=b"hello"))
    told = values(found)
    assert told["EXIF main", "Make"] == "Canon"
    assert told["EXIF main", "Orientation"] == "rotate by 90° clockwise"
    assert told["EXIF camera", "ExposureTime"] == "1/125 s"
    assert told["EXIF camera", "FNumber"] == "f/2.8"
    assert told["EXIF camera", "Flash"] == "fired, red-eye reduction"
    assert told["EXIF camera", "FocalLength"] == "50 mm"
    assert told["EXIF camera", "MakerNote"].startswith("99 bytes")
    assert told["GPS", "GPSLatitude"] == "48° 51′ 30″"
    assert told["JPEG comment", "comment"] == "hello"
    raw = next(r.raw for r in found if r.name == "GPSLatitude")
    assert raw == "48/1, 51/1, 30/1"


def test_xmp_is_flattened_into_paths_and_the_profile_named() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    told = values(metadata_table.rows(picture("JPEG", xmp=XMP, icc_profile=profile)))
    assert told["XMP", "dc:creator[1]"] == "Ada" and told["XMP", "dc:creator[2]"] == "Bob"
    assert told["XMP", "xmp:CreatorTool"] == "Brush <script>"
    assert "sRGB" in told["Colour profile", "Description"]


def test_png_texts_are_there_and_megabytes_are_cut_and_said_so() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("parameters", "a cat, steps 20")
    notes.add_text("long", "x" * 2_000_000, zip=True)
    told = values(metadata_table.rows(picture("PNG", pnginfo=notes)))
    assert told["PNG text", "parameters"] == "a cat, steps 20"
    assert told["PNG text", "long"].endswith("(cut after 4,000 of 2,000,000 characters)")


def test_settings_that_generators_write_as_json_are_taken_apart() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("prompt", '{"3": {"inputs": {"seed": 7, "text": ["a cat"]}}}')
    notes.add_text("broken", '{"3": ')
    notes.add_text("deep", "[" * 100_000)
    told = values(metadata_table.rows(picture("PNG", pnginfo=notes)))
    assert told["PNG text", "prompt/3/inputs/seed"] == "7"
    assert told["PNG text", "prompt/3/inputs/text[1]"] == "a cat"
    assert told["PNG text", "broken"] == '{"3": '


def test_hostile_xml_is_a_sentence() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert "not well-formed XML" in metadata_table.xmp_pairs(bomb)
    deep = b"<a>" * 3000 + b"</a>" * 3000
    assert isinstance(metadata_table.xmp_pairs(deep), list | str)
    assert "at most" in metadata_table.xmp_pairs(b"<a>" + b" x" * metadata_table.MAX_XMP_BYTES + b"</a>")


def test_json_is_flattened_in_order_and_bounded() -> None:
    assert metadata_table.json_pairs({"a": {"b": [1, None, {}]}, "c": "d"}) == [
        ("a/b[1]", "1"),
        ("a/b[2]", "none"),
        ("a/b[3]", ""),
        ("c", "d"),
    ]
    assert len(metadata_table.json_pairs(list(range(9999)))) == metadata_table.MAX_PAIRS


def test_a_long_name_with_many_children_is_not_repeated_at_its_length() -> None:
    name = "k" * 1_000_000
    values = metadata_table.json_pairs({name: {str(i): i for i in range(metadata_table.MAX_PAIRS)}})
    packet = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><{name}>{'<b>1</b>' * 9999}</{name}></x:xmpmeta>".encode()
    for pairs in (values, metadata_table.xmp_pairs(packet)):
        assert len(pairs) == metadata_table.MAX_PAIRS
        assert all(len(path) <= metadata_table.MAX_PATH_CHARS for path, _ in pairs)


def test_search_wants_every_word_in_any_field() -> None:
    found = [Row("EXIF main", "Make", "Canon"), Row("GPS", "GPSLatitude", "48°", "48/1")]
    assert metadata_table.search(found, "canon EXIF") == found[:1]
    assert metadata_table.search(found, "48/1") == found[1:]
    assert metadata_table.search(found, "canon gps") == []
    assert metadata_table.search(found, " ") == found


def test_of_a_file_that_cannot_be_decoded_the_tags_are_still_told() -> None:
    broken = picture("JPEG", exif=exif().tobytes()).data[:420]
    with pytest.raises(InputError):
        ImageFile.from_bytes(broken, "cut.jpg")
    told = [(r.name, r.value) for r in metadata_table.structure_rows(parse_structure(broken))]
    assert ("Make", "Canon") in told


@given(st.one_of(st.none(), st.binary(), st.text(), st.integers(), st.floats(), st.tuples(st.integers(), st.text())))
@settings(max_examples=150, deadline=None)
def test_any_value_of_any_tag_has_words(value: object) -> None:
    for name in (
        "ExposureTime",
        "FNumber",
        "Flash",
        "LightSource",
        "GPSLatitude",
        "GPSTimeStamp",
        "Orientation",
        "XPTitle",
    ):
        assert isinstance(exif_text.describe(name, value), str)


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("folder", ["malformed", "camera_exif", "c2pa_and_metadata"])
def test_real_files_end_in_rows(folder: str) -> None:
    files = [f for f in sorted((SHARED / folder).rglob("*")) if f.is_file()]
    if not files:
        pytest.skip("no shared data here")
    for file in files[::3]:
        try:
            image = ImageFile.open(file)
        except InputError:
            continue
        started = time.process_time()
        found = metadata_table.rows(image)
        assert 4 <= len(found) <= metadata_table.MAX_ROWS
        assert time.process_time() - started < 3, file.name
