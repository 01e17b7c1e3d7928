"""Pictures within the file, laid over the picture: the same, letterboxed, trimmed, edited, or another one."""

from __future__ import annotations

import base64
import io
import math
import struct

import numpy as np
import pytest
from PIL import Image

from cgid.fileformat.tree import parse_structure
from cgid.imaging.image_file import ImageFile
from cgid.inspector import thumbnails


def scene(width: int, height: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def with_thumbnail(pixels: np.ndarray, small: np.ndarray) -> bytes:
    """EXIF with an empty IFD0 and the thumbnail in IFD1, written by hand."""
    raw = jpeg(small)
    tiff = b"MM\0*" + struct.pack(">I", 8) + struct.pack(">HI", 0, 14)
    tiff += struct.pack(">H", 2) + struct.pack(">HHII", 0x0201, 4, 1, 44) + struct.pack(">HHII", 0x0202, 4, 1, len(raw))
    tiff += struct.pack(">I", 0) + raw
    body = b"Exif\0\0" + tiff
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg(pixels)[2:]


def compared(data: bytes) -> thumbnails.Comparison:
    found = thumbnails.embedded_previews(parse_structure(data))
    assert [p.name for p in found] == ["APP1 Exif"]
    assert data[found[0].at :].startswith(found[0].data[:100])
    made = thumbnails.compare(ImageFile.from_bytes(data, "made.jpg"), found[0])
    assert made is not None and made.picture.shape == made.thumbnail.shape
    assert made.difference.shape == made.picture.shape[:2]
    return made


def small_of(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def test_the_same_picture_and_one_with_bars_and_one_with_trimmed_sides() -> None:
    wide = scene(480, 270)
    same = compared(with_thumbnail(wide, small_of(wide, (160, 90))))
    assert same.similarity > 0.98 and same.mean < 6 and "the same image" in same.sentence
    bars = np.zeros((120, 160, 3), np.uint8)
    bars[15:105] = small_of(wide, (160, 90))
    padded = compared(with_thumbnail(wide, bars))
    assert padded.similarity > 0.95 and "bars" in padded.sentence and padded.mean < 8
    trimmed = compared(with_thumbnail(wide, small_of(wide[:, 60:420], (160, 120))))
    assert trimmed.similarity > 0.95 and "sides" in trimmed.sentence


def test_an_edit_that_forgot_the_thumbnail_is_bright_where_it_was_made() -> None:
    before = scene(480, 320)
    edited = before.copy()
    edited[80:240, 120:300] = 255 - edited[80:240, 120:300]
    found = compared(with_thumbnail(edited, small_of(before, (160, 107))))
    inside, outside = found.difference[30:78, 44:96].mean(), found.difference[:20].mean()
    assert inside > 5 * outside
    assert found.similarity < thumbnails.SAME_CORRELATION


def test_another_picture_and_a_flat_one() -> None:
    other = compared(with_thumbnail(scene(480, 320), scene(160, 107, seed=9)))
    assert "something else" in other.sentence
    flat = compared(with_thumbnail(np.full((64, 64, 3), 120, np.uint8), np.full((32, 32, 3), 120, np.uint8)))
    assert math.isnan(flat.similarity) and "Too small or too even" in flat.sentence


@pytest.mark.parametrize("tail", [b"", jpeg(scene(160, 107))])
def test_second_pictures_after_the_end_are_previews_too(tail: bytes) -> None:
    data = jpeg(scene(480, 320)) + tail
    found = thumbnails.embedded_previews(parse_structure(data))
    assert [p.name for p in found] == (["after the end of the image"] if tail else [])


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def test_pictures_that_credentials_keep_are_found_and_an_ingredient_may_be_another() -> None:
    label = b"\x40\xcb\x0c\x32" + bytes(12) + b"\x03c2pa.thumbnail.ingredient.jpeg\0"
    held = box(b"jumd", label) + box(b"bfdb", b"\0image/jpeg\0") + box(b"bidb", jpeg(scene(160, 107, seed=9)))
    body = b"JP\0\1\0\0\0\1" + box(b"jumb", held)
    data = b"\xff\xd8\xff\xeb" + struct.pack(">H", len(body) + 2) + body + jpeg(scene(480, 320))[2:]
    (found,) = thumbnails.embedded_previews(parse_structure(data))
    assert found.name == "APP11 JUMBF / jumb c2pa.thumbnail.ingredient.jpeg"
    made = thumbnails.compare(ImageFile.from_bytes(data, "made.jpg"), found)
    assert made is not None and "something else" in made.sentence and "ingredient" in made.sentence


def test_a_thumbnail_that_xmp_keeps_as_text() -> None:
    pixels = scene(480, 320)
    text = base64.encodebytes(jpeg(small_of(pixels, (96, 64)))).decode().replace("\n", "&#xA;")
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:g="http://ns.adobe.com/xap/1.0/g/img/">'
        f'<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><g:image>{text}</g:image></rdf:li></rdf:Alt>'
        "</xmp:Thumbnails></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85, xmp=packet.encode())
    image = ImageFile.from_bytes(buffer.getvalue(), "made.jpg")
    (found,) = thumbnails.xmp_previews(image)
    assert found.name == "XMP xmp:Thumbnails[1]"
    made = thumbnails.compare(image, found)
    assert made is not None and made.similarity > 0.98


def test_a_broken_thumbnail_is_not_compared() -> None:
    image = ImageFile.from_bytes(jpeg(scene(64, 48)), "made.jpg")
    assert thumbnails.compare(image, thumbnails.Preview("x", b"\xff\xd8\xff\xe0", 0)) is None
