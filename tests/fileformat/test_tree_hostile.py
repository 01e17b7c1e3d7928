"""Any bytes at all end in a proper tree: random ones, truncated and flipped files of every kind, and real broken files."""

from __future__ import annotations

import io
import os
import time
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from cgid.fileformat import jumbf
from cgid.fileformat.node import ParseContext, Span, close_gaps
from cgid.fileformat.tree import Structure, all_parsers, parse_structure
from expected_tree import assert_valid_tree

KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\0\1\0\0WEBP",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0+",
    b"\0\0\0\x10ftypheic",
)
SHARED = Path(os.environ.get("CGID_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


@cache
def file_of(kind: str) -> bytes:
    if kind == "HEIF":
        from cgid.imaging.decoders import register_heif

        register_heif()
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Canon", {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    options = {}
    if kind not in ("GIF", "BMP"):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        options = {"exif": exif.tobytes(), "icc_profile": profile}
    buffer = io.BytesIO()
    picture = Image.fromarray(np.random.default_rng(3).integers(0, 255, (16, 24, 3), dtype=np.uint8))
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def proper(found: Structure) -> None:
    assert "could not be parsed" not in found.root.problem
    assert_valid_tree(found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_every_kind_is_understood_whole(kind: str) -> None:
    found = parse_structure(file_of(kind))
    proper(found)
    assert found.container and not found.problems()
    assert not [n for _, n in found.nodes() if n.kind == "unknown"]
    kinds = {n.kind for _, n in found.nodes()}
    assert "picture" in kinds
    if kind not in ("GIF", "BMP"):
        assert {"metadata", "colour"} <= kinds
        assert "Canon" in [dict(n.fields).get("value") for _, n in found.nodes() if n.name == "Make"]


@pytest.mark.parametrize("block", [b"\x21\xff\x0bC2PA_GIF\1\0\0", b"\x2c" + bytes(9) + b"\x08"])
def test_millions_of_tiny_sub_blocks_cost_no_time(block: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cgid.fileformat.node.ParseContext.__init__.__defaults__", (0.2, 20_000))
    data = b"GIF89a\x10\0\x10\0\0\0\0" + block + b"\x01A" * 3_000_000 + b"\0;"
    started = time.process_time()
    found = parse_structure(data)
    assert all(found.in_file(node) is not None for _, node in found.nodes())
    assert time.process_time() - started < 1.5


def test_a_file_that_is_not_taken_apart_to_its_end_has_nothing_after_its_end() -> None:
    chunk = b"\0\0\0\0teSt" + zlib.crc32(b"teSt").to_bytes(4, "big")
    whole = file_of("PNG")
    found = parse_structure(whole[:33] + chunk * 30_000 + whole[33:])
    told = [problem for _, problem in found.problems()]
    assert any("more parts than can be listed" in each for each in told)
    assert not any("after the end" in each for each in told), told


def test_every_parser_has_a_file_here() -> None:
    met = {next(w.name for w in all_parsers().values() if w.matches(file_of(kind)[:64])) for kind in KINDS}
    assert met == set(all_parsers())


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "BMP"])
def test_credentials_are_found_where_the_c2pa_library_puts_them(kind: str) -> None:
    from cgid.forensics.samples.embed import sign_as_ai

    mime = {"JPEG": "image/jpeg", "HEIF": "image/heic"}.get(kind, f"image/{kind.lower()}")
    data = sign_as_ai(file_of(kind), mime, "made")
    found = parse_structure(data)
    proper(found)
    assert jumbf.count_manifests([found.root]) == 1 and not found.problems()
    claim = next(node for _, node in found.nodes() if node.what == "Claim")
    assert data[found.in_file(claim) :][4:8] == b"jumb"


@given(st.sampled_from(STARTS), st.binary(max_size=400))
@settings(max_examples=250, deadline=None)
def test_random_bytes(start: bytes, body: bytes) -> None:
    proper(parse_structure(start + body))


@given(st.sampled_from(KINDS), st.data())
@settings(max_examples=250, deadline=None)
def test_truncated_and_flipped_files(kind: str, data: st.DataObject) -> None:
    raw = bytearray(file_of(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        # What decides lies mostly at the front.
        at = data.draw(st.integers(0, min(len(raw), 900) - 1) | st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFF)) | st.integers(0, 255))
    cut = data.draw(st.just(len(raw)) | st.integers(0, len(raw)))
    proper(parse_structure(bytes(raw[:cut])))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_random_boxes_profiles_and_resources(body: bytes) -> None:
    from cgid.fileformat import icc, photoshop
    from cgid.fileformat.trees import tiff

    for take_apart, start in (
        (jumbf.parse_boxes, b""),
        (icc.parse_profile, bytes(36) + b"acsp" + bytes(88)),
        (photoshop.parse_resources, b"8BIM\4\4\0\0"),
    ):
        raw = start + body
        span = Span(ParseContext(raw), 0, 0, len(raw))
        at = 0
        for node in close_gaps(take_apart(span), span):
            assert node.at == at
            at = node.end
    raw = b"MM\0*\0\0\0\x08" + body
    span = Span(ParseContext(raw), 0, 0, len(raw))
    assert all(node.end <= len(raw) for node in close_gaps(tiff.parse_block(span)[0], span))


@pytest.mark.real
@pytest.mark.parametrize("folder", ["malformed", "camera_exif", "c2pa_and_metadata"])
def test_real_files_are_taken_apart_each_within_a_second(folder: str) -> None:
    files = [f for f in sorted((SHARED / folder).rglob("*")) if f.is_file()]
    if not files:
        pytest.skip("no shared data here")
    for file in files:
        started = time.process_time()
        proper(parse_structure(file.read_bytes()))
        assert time.process_time() - started < 1, file.name


@pytest.mark.real
def test_as_many_manifests_as_c2pa_python_reads() -> None:
    import json

    import c2pa

    files = sorted((SHARED / "c2pa_and_metadata" / "public-testfiles").glob("*.jpg"))
    if not files:
        pytest.skip("no shared data here")
    compared = 0
    for file in files:
        try:
            with c2pa.Reader("image/jpeg", io.BytesIO(file.read_bytes())) as reader:
                wanted = len(json.loads(reader.json())["manifests"])
        except c2pa.C2paError:
            continue
        found = parse_structure(file.read_bytes())
        assert jumbf.count_manifests([found.root]) == wanted, file.name
        compared += 1
    assert compared
