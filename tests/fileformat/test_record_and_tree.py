"""The light record of a file and its tree are made from one iterator: on broken files too they name the same parts."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from cgid.fileformat import bmp_header, gif_blocks, jpeg, jpeg_segments, png, png_chunks, riff_chunks
from cgid.fileformat.node import Node
from cgid.fileformat.tree import parse_structure

NOT_SEGMENTS = {"SOI", "EOI", "TEM", "FF00", "fill", "invalid marker", "scan data"} | {f"RST{i}" for i in range(8)}
NOT_CHUNKS = {"signature", "truncated chunk", "gap", "padding"}
BYTES = (0, 1, 0x7F, 0x80, 0xD0, 0xD8, 0xD9, 0xDA, 0xFF)


@cache
def sample(kind: str) -> bytes:
    rng = np.random.default_rng(5)
    pixels = [Image.fromarray(rng.integers(0, 255, (16, 24, 3), dtype=np.uint8)) for _ in range(3)]
    options: dict = {"JPEG": {"progressive": True, "comment": b"hello", "restart_marker_blocks": 2}}.get(kind, {})
    if kind == "PNG":
        options = {"pnginfo": PngImagePlugin.PngInfo()}
        options["pnginfo"].add_text("parameters", "a cat")
    if kind in ("GIF", "WEBP"):
        options = {"save_all": True, "append_images": pixels[1:]}
    buffer = io.BytesIO()
    pixels[0].save(buffer, kind, **options)
    return buffer.getvalue()


@st.composite
def mutated(draw: st.DrawFn, kind: str) -> bytes:
    """A file whose bytes are flipped, inserted and taken away, cut short or followed by others."""
    raw = bytearray(sample(kind))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(12, min(len(raw), 900) - 1) | st.integers(12, len(raw) - 1))
        value = draw(st.sampled_from(BYTES) | st.integers(0, 255))
        match draw(st.sampled_from(("flip", "insert", "delete"))):
            case "flip":
                raw[at] = value
            case "insert":
                raw[at:at] = bytes((0xFF, value))
            case "delete":
                del raw[at : at + draw(st.integers(1, 4))]
    end = draw(st.just(len(raw)) | st.integers(16, len(raw)))
    return bytes(raw[:end]) + draw(st.sampled_from((b"", b"tail", sample("PNG"))))


def parts_of_picture(data: bytes) -> list[Node]:
    """The parts of the top level up to the picture's own end."""
    return [node for node in parse_structure(data).root.children if node.kind != "after"]


@given(mutated("JPEG"))
@settings(max_examples=300, deadline=None)
@example(sample("JPEG"))
def test_a_jpegs_record_has_the_segments_of_its_tree(data: bytes) -> None:
    record, nodes = jpeg.read_jpeg(data), parts_of_picture(data)
    # Where the record must stop or reads on by the letter, the tree resynchronises: they may differ from there on.
    unclear = [n.at for n in nodes[1:] if n.name in ("SOI", "FF00", "invalid marker") or "do not fit" in n.problem]
    limit = min(unclear, default=len(data))
    of_tree = [(n.at, n.length) for n in nodes if n.name not in NOT_SEGMENTS and n.at < limit]
    of_record = [(s.at, 4 + len(s.payload)) for s in record.segments if s.at < limit]
    assert of_record == of_tree[: len(of_record)]
    assert all(data[s.at : s.at + 2] == bytes((0xFF, s.marker)) for s in record.segments)
    if not record.problem and not unclear:
        assert of_record == of_tree
        assert record.end == next(n.end for n in nodes if n.name == "EOI")


@given(mutated("PNG"))
@settings(max_examples=300, deadline=None)
@example(sample("PNG"))
def test_a_pngs_record_has_the_chunks_of_its_tree(data: bytes) -> None:
    record = png.read_png(data)
    nodes = [n for node in parts_of_picture(data) for n in (node.children if " x " in node.name else [node])]
    of_tree = [(n.at, n.end) for n in nodes if n.name not in NOT_CHUNKS]
    assert [(c.start, c.end) for c in record.chunks] == of_tree
    assert record.has_end == any(n.name == "IEND" for n in nodes)
    if record.has_end:
        assert record.end == of_tree[-1][1]


@given(mutated("GIF"))
@settings(max_examples=300, deadline=None)
@example(sample("GIF"))
def test_a_gifs_frames_and_end_are_those_of_its_tree(data: bytes) -> None:
    frames, end = gif_blocks.frames_and_end(data, 10_000)
    nodes = parts_of_picture(data)
    assert frames == sum(n.name == "frame" and n.length >= 10 for n in nodes)
    assert end == next((n.end for n in nodes if n.name == "trailer"), None)


def test_xmp_in_a_gif_ends_where_its_sub_blocks_end() -> None:
    """XMP is written without lengths; the trailer after it brings every reader of sub-blocks to the same end."""
    data, packet = sample("GIF"), "<?xpacket begin=''?><x:xmpmeta>ü</x:xmpmeta>".encode() * 9
    xmp = b"\x21\xff\x0bXMP DataXMP" + packet + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    at = gif_blocks.HEADER + gif_blocks.colour_table_size(data[10])
    data = data[:at] + xmp + data[at:]
    node = next(n for n in parts_of_picture(data) if n.name == "Application XMP DataXMP")
    assert (node.at, node.length, node.what) == (at, len(xmp), "XMP metadata")
    assert gif_blocks.frames_and_end(data, 10_000) == (3, len(data))
    assert not parse_structure(data).problems()


@given(mutated("WEBP"))
@settings(max_examples=200, deadline=None)
@example(sample("WEBP"))
def test_a_webps_declared_end_is_where_its_tree_ends(data: bytes) -> None:
    end = min(riff_chunks.declared_end(data), len(data))
    of_tree = [n.at for n in parts_of_picture(data) if n.name not in ("gap", "padding")][1:]
    assert of_tree == [c.start for c in riff_chunks.chunks(data, riff_chunks.HEADER, max(end, riff_chunks.HEADER))]
    assert max((n.end for n in parts_of_picture(data)), default=0) == max(end, riff_chunks.HEADER)


def test_a_bmps_header_states_what_pillow_reads() -> None:
    data = sample("BMP")
    header = bmp_header.read(data)
    assert (header.width, header.height, header.bits, header.file_size) == (24, 16, 24, len(data))
    assert bmp_header.read(b"BM") == (0,) * 8


@pytest.mark.parametrize("start", [0, 7])
def test_iterators_begin_anywhere_and_stop_at_their_end(start: int) -> None:
    for kind, parts in (("JPEG", jpeg_segments.parts), ("PNG", png_chunks.chunks), ("GIF", gif_blocks.blocks)):
        data = sample(kind)
        shifted = [
            (p.start - start, p.end - start) for p in parts(b"\xff" * start + data + data, start, start + len(data))
        ]
        assert shifted == [(p.start, p.end) for p in parts(data)]
        assert shifted[-1][1] == len(data)


def test_iterators_are_bounded() -> None:
    segments = b"\xff\xd8" + b"\xff\xe0\0\2" * (jpeg_segments.MAX_SEGMENTS + 5)
    *whole, last = jpeg_segments.parts(segments)
    assert (len(whole), last.kind) == (jpeg_segments.MAX_SEGMENTS, jpeg_segments.LIMIT)
    assert jpeg.read_jpeg(segments).problem == f"more than {jpeg_segments.MAX_SEGMENTS} segments"
    chunks = png_chunks.SIGNATURE + bytes(12) * (png_chunks.MAX_CHUNKS + 5)
    assert sum(1 for _ in png_chunks.chunks(chunks)) == png_chunks.MAX_CHUNKS
    bodies = bytes(8) * (riff_chunks.MAX_CHUNKS + 5)
    assert sum(1 for _ in riff_chunks.chunks(bodies, 0, len(bodies))) == riff_chunks.MAX_CHUNKS
