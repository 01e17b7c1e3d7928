"""Any file becomes an ImageFile or one clear sentence; pixels are upright, 8-bit and the same for every mode."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from cgid.imaging import decoders
from cgid.imaging.image_file import ImageFile, UnreadableImage


def encode(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(image: Image.Image, kind: str = "PNG", **options) -> ImageFile:
    return ImageFile.from_bytes(encode(image, kind, **options), f"made.{kind.lower()}")


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, payload: bytes) -> bytes:
        return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")
    )


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [("PNG", m) for m in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")]
        + [("TIFF", m) for m in ("CMYK", "I", "F", "LAB", "YCbCr")]
    ),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_every_mode_and_size_gives_eight_bit_pixels(kind: tuple[str, str], width: int, height: int) -> None:
    image = opened(Image.new(kind[1], (width, height)), kind[0])
    assert image.rgb.shape == (height, width, 3)
    assert image.rgb.dtype == np.uint8
    assert image.luma_crop(64).shape == (height, width)
    assert image.luma_crop(64).dtype == np.float32


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_every_format_is_told_by_its_content_not_by_its_name(kind: str) -> None:
    image = ImageFile.from_bytes(encode(Image.new("RGB", (20, 10), "red"), kind), "photo.xyz")
    assert (image.format, image.width, image.height) == (kind, 20, 10)
    assert image.rgb[5, 5, 0] > 240


def test_heic_is_read() -> None:
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 32), (0, 0, 255))).save(buffer)
    image = ImageFile.from_bytes(buffer.getvalue(), "phone.heic")
    assert (image.format, image.rgb.shape) == ("HEIF", (32, 64, 3))
    assert image.rgb[16, 32, 2] > 240


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured_and_can_be_undone(orientation: int, kind: str) -> None:
    from PIL import ImageOps

    pixels = np.arange(16 * 24 * 3, dtype=np.uint8).reshape(16, 24, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(Image.fromarray(pixels), kind, exif=exif)
    image = ImageFile.from_bytes(data, "turned")
    assert np.array_equal(image.rgb, np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data)))))
    assert image.orientation == orientation
    assert np.array_equal(image.stored, pixels)
    assert (image.width, image.height) == (24, 16)


def test_a_long_compressed_text_of_a_generator_does_not_cost_the_picture() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("workflow", "node " * 500_000, zip=True)
    assert len(opened(Image.new("RGB", (4, 4)), "PNG", pnginfo=text).info["workflow"]) == 2_500_000


def test_transparent_pixels_lie_over_white() -> None:
    assert opened(Image.new("RGBA", (2, 2), (0, 0, 0, 0))).rgb.min() == 255
    palette = Image.new("P", (2, 2), 0)
    palette.putpalette([10, 20, 30])
    assert opened(palette, transparency=0).rgb.min() == 255
    assert tuple(opened(palette).rgb[0, 0]) == (10, 20, 30)


def test_deep_grey_is_scaled_to_eight_bits() -> None:
    values = np.array([[0, 257 * 100, 65535]], dtype=np.uint16)
    assert opened(Image.fromarray(values)).rgb[0, :, 0].tolist() == [0, 100, 255]
    floats = np.array([[0.0, 0.5, 1.0]], dtype=np.float32)
    assert opened(Image.fromarray(floats), "TIFF").rgb[0, :, 0].tolist() == [0, 128, 255]


def test_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "green", "blue")]
    image = opened(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert image.frames == 3
    assert tuple(image.rgb[0, 0]) == (255, 0, 0)


def test_luma_is_rec_601() -> None:
    image = opened(Image.new("RGB", (1, 1), (200, 100, 50)))
    assert image.luma_crop(8)[0, 0] == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50, abs=1e-3)


def test_crop_is_central_at_native_resolution_on_the_block_grid() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (100, 120, 3), dtype=np.uint8)
    image = opened(Image.fromarray(pixels))
    assert np.array_equal(image.luma_crop(64), image.luma_crop(1000)[16:80, 24:88])
    assert image.luma_crop(1000).shape == (100, 120)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"Just some text.\n", "is not an image in a supported format"),
        (encode(Image.new("RGB", (64, 64), "red"))[:60], "damaged or truncated"),
        (png_header(50_000, 50_000), "too large"),
        (png_header(0, 5), "damaged or truncated"),
    ],
)
def test_what_is_no_image_is_told_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableImage, match=r"^x\.jpg ") as caught:
        ImageFile.from_bytes(data, "x.jpg")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told(tmp_path) -> None:
    with pytest.raises(UnreadableImage, match="cannot be read"):
        ImageFile.open(tmp_path / "none.png")
    with pytest.raises(UnreadableImage, match="cannot be read"):
        ImageFile.open(tmp_path)


def test_a_compressed_text_of_gigabytes_costs_no_memory() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("bomb", "0" * 50_000_000, zip=True)
    with pytest.raises(UnreadableImage):
        opened(Image.new("RGB", (4, 4)), pnginfo=info)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = encode(Image.new("RGB", (1024, 1024)), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    with pytest.raises(UnreadableImage, match="repeats"):
        ImageFile.from_bytes(data[:-2] + data[at:-2] * 200 + b"\xff\xd9", "scans.jpg")


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]), st.data())
def test_bytes_changed_at_random_never_escape_as_another_error(kind: str, data) -> None:
    raw = bytearray(encode(Image.radial_gradient("L").resize((24, 24)).convert("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = ImageFile.from_bytes(bytes(raw), "x")
    except UnreadableImage:
        return
    assert image.rgb.ndim == 3


def test_gif_frames_are_counted_without_decoding_them() -> None:
    frames = [Image.new("L", (4, 4), i) for i in range(7)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=10)
    assert decoders.gif_frame_count(data) == Image.open(io.BytesIO(data)).n_frames


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_malformed_file_ends_in_a_value_or_a_sentence(shared_data) -> None:
    import time

    for path in sorted(p for p in (shared_data / "malformed").rglob("*") if p.is_file()):
        begun = time.monotonic()
        try:
            image = ImageFile.open(path)
            assert image.rgb.shape[2] == 3
        except UnreadableImage as problem:
            assert path.name in str(problem)
        assert time.monotonic() - begun < 5, path.name
