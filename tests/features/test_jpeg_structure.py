"""The JPEG reader against what Pillow was told to write."""

from __future__ import annotations

import io
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cgid.features.groups.jpeg_structure import GROUP
from cgid.fileformat import jpeg as fileformat_jpeg
from cgid.fileformat import quantisation_tables
from cgid.imaging.image_file import ImageFile
from synthetic_images import photo


def saved(image: Image.Image | None = None, **options) -> bytes:
    buffer = io.BytesIO()
    (image or Image.fromarray(photo(64, 64))).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def measured(data: bytes) -> dict:
    return GROUP.compute(ImageFile.from_bytes(data, "a.jpg"))


@pytest.mark.parametrize("quality", range(1, 101))
def test_quality_is_exact_for_reference_tables(quality: int) -> None:
    tables = fileformat_jpeg.read_jpeg(saved(Image.new("RGB", (8, 8)), quality=quality)).tables
    assert quantisation_tables.nearest_quality(tables[0]) == (quality, 0.0)
    assert quantisation_tables.nearest_quality(tables[1], "chroma")[1] == 0.0


def test_zigzag_is_the_standards() -> None:
    assert quantisation_tables.zigzag_order()[:10].tolist() == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]
    assert sorted(quantisation_tables.zigzag_order()) == list(range(64))


@pytest.mark.parametrize(("option", "share"), [("4:4:4", 1.0), ("4:2:2", 0.5), ("4:2:0", 0.25)])
def test_chroma_sampling(option: str, share: float) -> None:
    data = saved(subsampling=option)
    assert fileformat_jpeg.read_jpeg(data).subsampling == option
    assert measured(data)["chroma_share"] == share


def test_progressive_optimised_restart_and_comment() -> None:
    plain, made = measured(saved()), measured(saved(progressive=True, comment=b"hello", restart_marker_blocks=4))
    assert (plain["progressive"], plain["huffman_default"], plain["comment_count"], plain["restart_interval"]) == (
        0,
        1,
        0,
        0,
    )
    assert (made["progressive"], made["huffman_default"], made["comment_count"], made["restart_interval"]) == (
        1,
        0,
        1,
        4,
    )
    assert made["scan_count"] > plain["scan_count"] == 1
    assert plain["structure_valid"] == made["structure_valid"] == 1


def test_tables_nobody_uses_are_odd_and_reference_tables_are_not() -> None:
    assert measured(saved(quality=83))["qtable_anomaly_score"] == 0
    odd = measured(saved(qtables=[[3 + (7 * i) % 50 for i in range(64)], [9] * 64]))
    assert odd["qtable_anomaly_score"] > 0.5
    assert odd["ijg_tables"] == 0


@pytest.mark.parametrize("quality", [20, 60, 75, 88, 97])
def test_mozjpegs_tables_are_known_and_not_odd(quality: int) -> None:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    table = [min(255, max(1, (step * scale + 50) // 100)) for step in quantisation_tables.BASE["mozjpeg"].tolist()]
    values = measured(saved(qtables=[table, table]))
    assert (values["mozjpeg_tables"], values["ijg_tables"], values["qtable_anomaly_score"]) == (1, 0, 0)
    other = measured(saved(qtables=[table, [9] * 64]))
    assert other["mozjpeg_tables"] == 0 and other["qtable_anomaly_score"] > 0
    assert measured(saved(quality=quality))["mozjpeg_tables"] == 0


def test_other_formats_are_missing_throughout() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    assert all(math.isnan(v) for v in GROUP.compute(ImageFile.from_bytes(buffer.getvalue(), "a.png")).values())


def test_a_missing_end_marker_is_a_contradiction() -> None:
    jpeg = fileformat_jpeg.read_jpeg(saved()[:-2])
    assert not jpeg.has_end
    assert jpeg.problem


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_the_reader_never_raises_and_never_runs_past_the_end(tail: bytes, with_start: bool) -> None:
    data = (b"\xff\xd8" if with_start else b"") + tail
    assert fileformat_jpeg.read_jpeg(data).end <= len(data)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_header_never_raises(data) -> None:
    raw = bytearray(saved())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(2, 600))] = data.draw(st.integers(0, 255))
    fileformat_jpeg.read_jpeg(bytes(raw))
