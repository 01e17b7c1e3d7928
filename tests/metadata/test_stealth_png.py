"""Generation data in the lowest bits of pixels: found where it lies whole, nothing where it lies about itself."""

from __future__ import annotations

import gzip
import json
import zlib

import numpy as np
import pytest

from cgid.imaging.image_file import ImageFile
from cgid.metadata import generators, stealth_png
from synthetic_images import encoded, photo

PARAMETERS = "a duck\nNegative prompt: cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: m"
NOVELAI = {
    "Description": "a cat",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V3",
    "Comment": json.dumps({"prompt": "a cat", "uc": "dog", "sampler": "k_euler", "seed": 7, "steps": 28}),
}


def traces(pixels: np.ndarray, **options) -> list[generators.GeneratorMark]:
    return generators.find_marks(ImageFile.from_bytes(encoded(pixels, **options), "x"))


def hide(text: bytes, name: bytes, pixels: np.ndarray) -> np.ndarray:
    """The writing side: name, length in bits and text into the lowest bits, column by column."""
    bits = np.unpackbits(np.frombuffer(name + (8 * len(text)).to_bytes(4, "big") + text, np.uint8))
    channels = slice(3, 4) if name.startswith(b"stealth_png") else slice(0, 3)
    part = pixels[..., channels].swapaxes(0, 1)
    flat = part.reshape(-1).copy()
    flat[: len(bits)] = (flat[: len(bits)] & 254) | bits
    out = pixels.copy()
    out[..., channels] = flat.reshape(part.shape).swapaxes(0, 1)
    return out


@pytest.mark.parametrize("name", [b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp"])
@pytest.mark.parametrize("height", [20, 200])
def test_data_hidden_in_pixels(name: bytes, height: int) -> None:
    pixels = np.dstack([photo(4000 // height * 4, height), np.full((height, 4000 // height * 4), 255, np.uint8)])
    pack = gzip.compress if name.endswith(b"comp") else bytes
    found = traces(hide(pack(json.dumps(NOVELAI).encode()), name, pixels))
    found = next(t for t in found if t.code == "novelai")
    assert found.place.startswith("hidden pixel data")
    assert dict(found.settings)["model"] == "NovelAI Diffusion V3"
    assert {t.code for t in traces(hide(pack(PARAMETERS.encode()), name, pixels))} == {"a1111"}


def test_hidden_data_that_lies_about_itself_is_nothing() -> None:
    pixels = np.dstack([photo(64, 64), np.full((64, 64), 255, np.uint8)])
    for name, text in ((b"stealth_pngcomp", b"no gzip"), (b"stealth_pngnone", PARAMETERS.encode())):
        assert traces(hide(text, name, pixels)) == []
    bomb = gzip.compress(bytes(20 << 20))
    large = np.zeros((500, 500, 4), np.uint8)
    image = ImageFile.from_bytes(encoded(hide(bomb, b"stealth_pngcomp", large)), "x")
    assert len(stealth_png.hidden_text(image)) <= stealth_png.MAX_BYTES


@pytest.mark.parametrize("kind", range(5))
def test_every_row_filter_is_undone(kind: int) -> None:
    """The first column is read without decoding: by each of PNG's five filters, written here by hand."""
    pixels = np.dstack([photo(16, 200), np.full((200, 16), 255, np.uint8)])
    pixels = hide(PARAMETERS.encode() * 2, b"stealth_pnginfo", np.tile(pixels, (1, 4, 1)))
    height, width, channels = pixels.shape
    rows = bytearray()
    for y in range(height):
        rows.append(kind)
        row, above = pixels[y].astype(int).ravel(), (pixels[y - 1] if y else pixels[y] * 0).astype(int).ravel()
        left = np.concatenate([np.zeros(channels, int), row[:-channels]])
        corner = np.concatenate([np.zeros(channels, int), above[:-channels]])
        guess = left + above - corner
        far = np.abs(np.stack([guess - left, guess - above, guess - corner]))
        paeth = np.choose(far.argmin(axis=0), [left, above, corner])
        filtered = row - [0 * row, left, above, (left + above) // 2, paeth][kind]
        rows += bytes((filtered % 256).astype(np.uint8))

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 6, 0, 0, 0))
    packed = zlib.compress(bytes(rows))
    parts = [chunk(b"IDAT", packed[i : i + 50]) for i in range(0, len(packed), 50)]
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(parts) + chunk(b"IEND", b"")
    image = ImageFile.from_bytes(data, "x")
    assert stealth_png.hidden_text(image) == PARAMETERS * 2


def test_a_picture_without_it_is_not_decoded_again(monkeypatch) -> None:
    monkeypatch.setattr(stealth_png, "_bits", lambda *a: pytest.fail("decoded again"))
    for alpha in (255, 0, 127):
        pixels = np.dstack([photo(64, 64), np.full((64, 64), alpha, np.uint8)])
        assert stealth_png.hidden_text(ImageFile.from_bytes(encoded(pixels), "x")) == ""
        assert stealth_png.hidden_text(ImageFile.from_bytes(encoded(pixels[..., :3].copy()), "x")) == ""
