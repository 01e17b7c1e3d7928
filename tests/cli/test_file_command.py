"""`cgid file`: what a terminal shows of a file, and the one JSON document."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from cgid.cli.main import main


@pytest.fixture
def photo(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("CGID_HOME", str(tmp_path / "home"))
    exif = Image.Exif()
    exif[0x010F] = "Canon\x1b[31m"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    buffer = io.BytesIO()
    Image.new("RGB", (24, 16), "teal").save(buffer, "JPEG", exif=exif)
    path = tmp_path / "photo.jpg"
    path.write_bytes(buffer.getvalue() + b"PK\x03\x04hidden")
    return path


def test_it_prints_problems_parts_metadata_location_and_hashes(photo: Path, capsys) -> None:
    assert main(["file", str(photo)]) == 0
    output = capsys.readouterr().out
    assert "! 10 bytes lie after the end of the image; they look like a ZIP archive." in output
    assert "00000000           2   SOI: Start of image" in output
    assert "EXIF main: Make: Canon" in output and "\x1b" not in output
    assert "in France" in output and hashlib.sha256(photo.read_bytes()).hexdigest() in output


def test_json_is_one_document_with_every_part(photo: Path, capsys) -> None:
    broken = photo.with_name("broken.jpg")
    broken.write_bytes(photo.read_bytes()[:150])
    assert main(["file", "--json", str(photo), str(broken)]) == 0
    whole, cut = json.loads(capsys.readouterr().out)
    assert whole["parts"][0]["length"] == whole["bytes"] == photo.stat().st_size
    assert [p["name"] for p in whole["parts"] if p["level"] == 1][:2] == ["SOI", "APP0 JFIF"]
    assert whole["place"]["latitude"] == pytest.approx(48.858333, abs=1e-6) and "unreadable" not in whole
    assert cut["unreadable"] and cut["problems"] and "pHash" not in cut["hashes"]


@pytest.mark.parametrize(("content", "code"), [(b"hello", 2), (None, 2)])
def test_a_file_that_is_no_image_or_not_there_is_bad_input(
    tmp_path: Path, content: bytes | None, code: int, capsys
) -> None:
    path = tmp_path / "x.bin"
    if content is not None:
        path.write_bytes(content)
    assert main(["file", str(path)]) == code
    output = capsys.readouterr()
    assert "Traceback" not in output.err + output.out and (output.err or "no image of a known format" in output.out)
    assert main(["file", "--levels", "0", str(path)]) == 2
