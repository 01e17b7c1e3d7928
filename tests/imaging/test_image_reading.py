"""One way to open an image: cleaning, treating and features refuse the same files with the same sentence."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cgid.data.probe import inspect_file
from cgid.fileformat.sniff import FORMATS, IMAGE_EXTENSIONS
from cgid.format_matching.plan import inspect_files
from cgid.imaging.decoders import decode_preview
from cgid.imaging.image_file import Header, ImageFile, UnreadableImage, read_bytes


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def endless_scans() -> bytes:
    data = saved(Image.new("RGB", (1024, 1024)), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    return data[:-2] + data[scan:-2] * 200 + b"\xff\xd9"


REFUSED = {
    "empty.jpg": b"",
    "text.jpg": b"this is no picture",
    "scans.jpg": endless_scans(),
    "claims.png": b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + (50_000).to_bytes(4, "big") * 2,
    "cut.png": saved(Image.new("RGB", (64, 64), "red"), "PNG")[:24],
}


@pytest.mark.parametrize("name", REFUSED)
def test_all_readers_say_the_same_of_a_bad_file(name: str, tmp_path) -> None:
    path = tmp_path / name
    path.write_bytes(REFUSED[name])
    with pytest.raises(UnreadableImage) as caught:
        ImageFile.open(path)
    cleaned, looked = inspect_file(str(path)), inspect_files([str(path)])[0]
    assert cleaned.reason == looked.reason == "unreadable"
    assert cleaned.problem == looked.problem == str(caught.value)


def test_a_missing_file_has_its_own_code(tmp_path) -> None:
    with pytest.raises(UnreadableImage) as caught:
        read_bytes(tmp_path / "none.jpg")
    assert caught.value.code == "missing"
    assert (
        inspect_file(str(tmp_path / "none.jpg")).reason
        == inspect_files([str(tmp_path / "none.jpg")])[0].reason
        == "missing"
    )


def test_header_and_picture_without_rgb() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.new("L", (40, 30), 7), "JPEG", exif=exif)
    assert ImageFile.header(data, "a") == Header("JPEG", 40, 30)
    header, image = ImageFile.decode(data, "a")
    assert header == Header("JPEG", 40, 30) and image.mode == "L" and image.size == (40, 30)


def test_a_preview_is_small_and_of_a_known_kind() -> None:
    png = saved(Image.new("RGB", (20, 10), "red"), "PNG")
    assert decode_preview(png, 200) is None and decode_preview(png, 199, ("PNG",)) is None
    assert np.array_equal(decode_preview(png, 200, ("PNG",))[0, 0], (255, 0, 0))
    assert decode_preview(b"nonsense", 200) is None


def test_every_extension_belongs_to_one_format() -> None:
    listed = [extension for each in FORMATS.values() for extension in each.extensions]
    assert len(listed) == len(set(listed)) == len(IMAGE_EXTENSIONS)
