"""Files taken apart: offsets against files built by hand and against other readers, and what every tree keeps."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cgid.fileformat.node import Node
from cgid.fileformat.tree import Structure, hex_dump, parse_structure
from expected_tree import assert_valid_tree

RNG = np.random.default_rng(7)
PICTURE = Image.fromarray(RNG.integers(0, 255, (24, 40, 3), dtype=np.uint8))


def saved(kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    PICTURE.save(buffer, kind, **options)
    return buffer.getvalue()


def named(found: Structure, name: str) -> Node:
    return next(node for _, node in found.nodes() if node.name == name)


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes, broken: bool = False) -> bytes:
    crc = zlib.crc32(kind + body) ^ broken
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def test_a_jpegs_segments_lie_where_pillow_and_the_hand_find_them() -> None:
    data = saved("JPEG", quality=75, comment=b"hello", subsampling=0)
    found = parse_structure(data)
    assert_valid_tree(found)
    assert data[named(found, "COM").at :].startswith(segment(0xFE, b"hello"))
    frame, tables = named(found, "SOF0"), [n for _, n in found.nodes() if n.name == "DQT"]
    assert ("size", "40 x 24 px") in frame.fields and ("chroma", "4:4:4") in frame.fields
    assert frame.at == data.index(b"\xff\xc0\x00\x11") and frame.length == 19
    steps = [dict(t.fields)["steps"] for t in tables[0].children]
    opened = Image.open(io.BytesIO(data))
    assert len(opened.quantization) == sum(len(t.children) for t in tables)
    assert steps[0].split()[0] == str(opened.quantization[0][0])
    assert dict(tables[0].children[0].fields)["nearest standard quality"] == "75 (exact)"
    scan = named(found, "scan data")
    assert scan.end == len(data) - 2 and named(found, "EOI").at == len(data) - 2
    assert not found.problems()


def test_restart_markers_are_counted() -> None:
    data = saved("JPEG", quality=80, restart_marker_blocks=1, subsampling=0)
    scan = named(parse_structure(data), "scan data")
    assert dict(scan.fields)["restart markers"] == str(3 * 5 - 1)  # 24 x 40 px are 15 blocks


@pytest.mark.parametrize(
    ("tail", "seen"), [(b"PK\x03\x04rest", "a ZIP archive"), (b"hello you", "text"), (bytes(12), "of value zero")]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_what_lies_after_the_end_is_the_first_thing_told(kind: str, tail: bytes, seen: str) -> None:
    data = saved(kind)
    found = parse_structure(data + tail)
    assert_valid_tree(found)
    node, problem = found.problems()[0]
    assert (node.at, node.length, node.kind) == (len(data), len(tail), "after")
    assert f"{len(tail)} " in problem and seen in problem


def test_a_second_picture_after_the_end_is_taken_apart_too() -> None:
    first, second = saved("JPEG"), saved("PNG")
    found = parse_structure(first + second)
    assert_valid_tree(found)
    assert named(found, "IHDR").at == len(first) + 8
    assert "PNG image" in found.problems()[0][1]


def test_pngs_chunks_their_texts_and_a_wrong_checksum() -> None:
    start = saved("PNG")
    body = start[8:33] + chunk(b"tEXt", b"parameters\0a cat") + chunk(b"gAMA", struct.pack(">I", 45455), broken=True)
    data = start[:8] + body + start[33:]
    found = parse_structure(data)
    assert_valid_tree(found)
    assert dict(named(found, "tEXt").fields) == {"keyword": "parameters", "text": "a cat"}
    assert named(found, "tEXt").at == 33
    assert [n.name for n, _ in found.problems()] == ["gAMA"] and "checksum" in found.problems()[0][1]


def test_exif_tags_lie_at_their_offsets_and_the_thumbnail_is_a_tree_of_its_own() -> None:
    small = io.BytesIO()
    PICTURE.resize((16, 16)).save(small, "JPEG")
    thumbnail = small.getvalue()
    tiff = b"MM\0*" + struct.pack(">I", 8)
    tiff += struct.pack(">H", 1) + struct.pack(">HHII", 0x010F, 2, 6, 26 + 0) + struct.pack(">I", 32)
    tiff += b"Canon\0"  # at 26
    tiff += (
        struct.pack(">H", 2)
        + struct.pack(">HHII", 0x0201, 4, 1, 62)
        + struct.pack(">HHII", 0x0202, 4, 1, len(thumbnail))
    )
    tiff += struct.pack(">I", 0)
    tiff += thumbnail  # at 62
    data = b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + tiff) + saved("JPEG")[2:]
    found = parse_structure(data)
    assert_valid_tree(found)
    make = named(found, "Make")
    assert dict(make.fields)["value"] == "Canon" and make.at == 12 + 10
    assert named(found, "Make value").at == 12 + 26
    assert found.bytes_of(named(found, "thumbnail")) == thumbnail
    assert named(found, "thumbnail").children[0].name == "SOI"
    assert not found.problems()


def test_directories_that_point_at_each_other_end() -> None:
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8)
    found = parse_structure(tiff)
    assert_valid_tree(found)
    assert "already been read" in found.problems()[0][1]


def test_boxes_nested_without_end_and_files_with_too_many_parts_are_bounded() -> None:
    nested = b""
    for _ in range(3000):
        nested = struct.pack(">I", len(nested) + 8) + b"moov" + nested
    deep = parse_structure(b"\0\0\0\x10ftypavif\0\0\0\0" + nested)
    assert_valid_tree(deep)
    assert max(d for d, _ in deep.nodes()) < 40
    many = parse_structure(b"\xff\xd8" + segment(0xE5, b"") * 60_000 + b"\xff\xd9")
    assert_valid_tree(many)
    assert "more parts than can be listed" in many.root.problem


def test_the_same_jumbf_box_out_of_one_segment_and_out_of_three() -> None:
    label = b"c2ma" + bytes.fromhex("0011001080000000aa00389b71")[:12] + b"\x03urn:x\0"
    inside = struct.pack(">I", 8 + len(label)) + b"jumd" + label + struct.pack(">I", 208) + b"cbor" + bytes(range(200))
    box = struct.pack(">I", 8 + len(inside)) + b"jumb" + inside
    one = segment(0xEB, b"JP\0\1" + struct.pack(">I", 1) + box)
    parts = [box[:90], box[90:150], box[150:]]
    three = b"".join(
        segment(0xEB, b"JP\0\1" + struct.pack(">I", i + 1) + (b"" if i == 0 else box[:8]) + part)
        for i, part in enumerate(parts)
    )
    rest = saved("JPEG")[2:]
    for data, streams in ((b"\xff\xd8" + one + rest, 1), (b"\xff\xd8" + three + rest, 2)):
        found = parse_structure(data)
        assert_valid_tree(found)
        assert len(found.streams) == streams
        manifest = named(found, "jumb urn:x")
        assert manifest.what == "C2PA manifest" and found.bytes_of(manifest) == box
        cbor = named(found, "cbor")
        assert cbor.length == 208 and data[found.in_file(cbor) :][:8] == struct.pack(">I", 208) + b"cbor"


def test_a_second_picture_that_the_mpf_list_announces_is_in_order() -> None:
    listed = segment(0xE2, b"MPF\0" + b"II*\0" + struct.pack("<IHI", 8, 0, 0))
    found = parse_structure(b"\xff\xd8" + listed + saved("JPEG")[2:] + saved("JPEG"))
    assert_valid_tree(found)
    second = found.root.children[-1]
    assert (second.kind, second.children[0].name) == ("preview", "SOI") and not found.problems()


def test_of_a_segment_that_is_cut_short_what_is_left_is_taken_apart() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "Canon", "x" * 4000
    found = parse_structure(saved("JPEG", exif=exif.tobytes())[:300])
    assert_valid_tree(found)
    assert dict(named(found, "Make").fields)["value"] == "Canon"
    assert any("APP1 Exif" in p or "APP1 at" in p for _, p in found.problems())


@pytest.mark.parametrize("length", [0, 1, 2, 60_000])
def test_a_segment_whose_length_makes_no_sense_is_a_proper_tree(length: int) -> None:
    tiff = b"MM\0*" + struct.pack(">IHI", 8, 0, 0)
    found = parse_structure(b"\xff\xd8\xff\xe1" + struct.pack(">H", length) + b"Exif\0\0" + tiff + saved("JPEG")[2:])
    assert_valid_tree(found)
    assert found.problems()


def test_zeros_do_not_hide_what_comes_behind_them() -> None:
    from cgid.fileformat.node import identify_bytes

    hidden = bytes(50_000) + b"PK\x03\x04 secret"
    assert identify_bytes(hidden, 0, len(hidden)) == "50,000 zeros, then a ZIP archive"
    assert "then a ZIP archive" in parse_structure(saved("JPEG") + hidden).problems()[0][1]
    assert identify_bytes(bytes(9000), 0, 9000) == "zeros"
    assert identify_bytes(b"\xaa" * 5000 + b"b", 0, 5001) != identify_bytes(b"\xaa" * 5000, 0, 5000)


def test_a_dump_shows_offset_hexadecimal_and_text() -> None:
    shown = hex_dump(b"JFIF\0" + bytes(20), 0x1000, 32).splitlines()
    assert shown[0].startswith("00001000  4a 46 49 46 00 00 00 00  00") and shown[0].endswith("JFIF............")
    assert len(shown) == 2 and len(hex_dump(bytes(10_000)).splitlines()) == 256
