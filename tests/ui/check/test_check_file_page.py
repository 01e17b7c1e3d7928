"""The file under the glass as a person meets it: what is wrong first, tree, metadata, place, small copies, fingerprints."""

from __future__ import annotations

import hashlib
import io
import json
import struct

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from streamlit.testing.v1 import AppTest

from page_driver import open_page

HOSTILE = "<script>alert(1)</script> **bold** ![x](http://evil.example/x.png) $x$ \u202eabc"


def script() -> None:
    import streamlit as st

    from cgid.ui.check.sections import file

    file.SECTION.show(st.session_state["subject"], {})


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CGID_HOME", str(tmp_path))


def saved(kind: str = "JPEG", side: int = 64, **options) -> bytes:
    rows, columns = np.mgrid[:side, : side * 3 // 2] * 255 // (side * 2)
    buffer = io.BytesIO()
    Image.fromarray(np.stack([rows, columns, 255 - rows], -1).astype(np.uint8)).save(buffer, kind, **options)
    return buffer.getvalue()


def page(data: bytes, part: str = "") -> AppTest:
    from cgid.ui.check.subject import Subject

    at = AppTest.from_function(script, default_timeout=60)
    at.session_state["subject"] = Subject(data, "photo.jpg")
    if part:
        at.session_state["file-part"] = part
    at.run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def told(at: AppTest) -> str:
    return "\n".join(str(e.value) for kind in ("markdown", "caption", "warning", "error", "info") for e in at.get(kind))


def tables(at: AppTest):
    return [each.value for each in at.dataframe]


def test_a_sound_file_is_said_to_be_so_and_its_first_bytes_are_shown() -> None:
    at = page(saved())
    assert "The file structure is valid" in told(at) and not at.warning
    tree = tables(at)[0]
    assert [name.strip() for name in tree["Part"]][:3] == ["file", "SOI", "APP0 JFIF"]
    assert list(tree["Offset"])[:3] == [0, 0, 2] and tree["Hex"][2] == "00000002"
    assert at.code[0].value.startswith("00000000  ff d8")


def test_what_lies_behind_the_end_is_told_first_and_chosen() -> None:
    data = saved()
    at = page(data + b"PK\x03\x04 something hidden")
    assert "21 bytes lie after the end" in at.warning[0].value.replace("\\", "") and "ZIP" in at.warning[0].value
    assert at.code[0].value.startswith(f"{len(data):08X}  50 4b 03 04")
    assert at.get("download_button")


def test_a_file_that_cannot_be_decoded_is_taken_apart_all_the_same() -> None:
    at = page(saved(exif=with_place().tobytes())[:400])
    assert at.warning and "SOI" in " ".join(tables(at)[0]["Part"])
    for part in ("Metadata", "Hashes"):
        page(saved()[:300], part)
    for junk in (b"", b"\0", b"not a picture at all"):
        assert "do not belong to a supported image format" in told(page(junk))


def with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Canon"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0), 6: 35.0, 17: 90.0}
    return exif


def test_the_tree_is_searched_and_its_levels_chosen() -> None:
    at = page(saved(exif=with_place().tobytes()))
    shown = len(tables(at)[0])
    at.slider(key="file-depth").set_value(1).run()
    assert len(tables(at)[0]) < shown
    at.text_input(key="file-search").set_value("latitude").run()
    assert [p.strip() for p in tables(at)[0]["Part"]] == ["GPSLatitudeRef", "GPSLatitude", "GPSLatitude value"]
    at.text_input(key="file-search").set_value("no such thing").run()
    assert "No part matches" in told(at) and not at.exception


def test_metadata_is_searched_and_hostile_text_stays_in_cells() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("parameters", HOSTILE)
    notes.add_text("=HYPERLINK(1)", "x" * 50_000)
    at = page(saved("PNG", pnginfo=notes), "Metadata")
    assert "evil" not in told(at) and "alert" not in told(at)
    table = tables(at)[0]
    cell = table[table["Name"] == "parameters"]["Value"].item()
    assert "<script>" in cell and "\u202e" not in cell
    assert max(map(len, table["Value"])) <= 1000
    at.text_input(key="dump-search").set_value("alert").run()
    assert len(tables(at)[0]) == 1
    at.text_input(key="dump-search").set_value("nothing of the kind").run()
    assert len(tables(at)[0]) == 0 and not at.exception


def test_a_place_is_drawn_on_the_map_with_the_caution_and_there_is_none_without_gps() -> None:
    at = page(saved(exif=with_place().tobytes()), "Location")
    words = told(at).replace("\\", "")
    assert "France" in words and "Anyone can write it" in words and "Altitude 35 m above sea level" in words
    assert [c.value for c in at.code] == ["48.858333, 2.294444", "48° 51′ 30.0″ N, 2° 17′ 40.0″ E"]
    drawn = at.get("vega_lite_chart")[0].proto
    assert json.loads(drawn.spec)["projection"]["center"] == pytest.approx([2.294444, 48.858333], abs=1e-5)
    for zoom in ("World", "Country"):
        at.segmented_control(key="place-zoom").set_value(zoom).run()
        assert not at.exception
    assert "Place" not in page(saved()).segmented_control(key="file-part").options


def test_a_forgotten_thumbnail_is_shown_beside_the_picture() -> None:
    small = io.BytesIO()
    Image.fromarray(np.random.default_rng(5).integers(0, 255, (40, 60, 3), dtype=np.uint8)).save(small, "JPEG")
    raw = small.getvalue()
    tiff = b"MM\0*" + struct.pack(">IHI", 8, 0, 14) + struct.pack(">H", 2)
    tiff += struct.pack(">HHII", 0x0201, 4, 1, 44) + struct.pack(">HHII", 0x0202, 4, 1, len(raw)) + bytes(4) + raw
    body = b"Exif\0\0" + tiff
    data = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + saved()[2:]
    at = page(data, "Embedded previews")
    assert "something else than the image" in told(at).replace("\\", "")
    alts = [image.alt for element in at.get("image") for image in element.proto.imgs]
    assert len(alts) == 3 and "something else" in alts[1]


def test_fingerprints_can_be_copied_and_compared() -> None:
    data = saved()
    at = page(data, "Hashes")
    shown = [c.value for c in at.code]
    assert hashlib.sha256(data).hexdigest() in shown and hashlib.md5(data).hexdigest() in shown
    assert len(shown) == 9 and "Neither in the history" in told(at)
    at.text_input(key="hash-other").set_value(hashlib.sha256(data).hexdigest().upper()).run()
    assert "Identical SHA-256" in at.success[0].value
    for other, said in ((shown[6][:-1] + "0", "of 64"), ("zz", "matches none")):
        at.text_input(key="hash-other").set_value(other).run()
        assert not at.exception and (said in told(at) or at.success)


def test_a_long_statement_is_read_whole_without_its_control_characters() -> None:
    def one() -> None:
        from cgid.inspector.metadata_table import Row
        from cgid.ui.check import file_metadata

        file_metadata._whole(Row("PNG text", "**parameters**", "a cat\nSteps: 20\u202e\x07" + " x" * 1500))

    at = AppTest.from_function(one).run()
    assert not at.exception
    assert at.code[0].value.startswith("a cat\nSteps: 20 x") and len(at.code[0].value) > 3000
    assert "\\*\\*parameters" in at.caption[0].value


def test_the_page_takes_apart_a_file_that_gives_no_picture() -> None:
    app = open_page("check")
    app.file_uploader[0].set_value([("cut.jpg", saved()[:300], "image/jpeg")]).run()
    assert not app.exception, [e.value for e in app.exception]
    assert "Its structure is shown below" in told(app) and "truncated" in told(app)
    assert any("SOI" in " ".join(table["Part"]) for table in tables(app) if "Part" in table)
