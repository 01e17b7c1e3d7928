"""The invisible mark: embedded by its definition it is found, elsewhere it is not."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
import pytest
from PIL import Image

from cgid.features.groups import watermark
from cgid.imaging.image_file import ImageFile
from synthetic_images import photo


def embed(rgb: np.ndarray, bits: np.ndarray, swapped: bool) -> np.ndarray:
    """The embedding side of the definition, block by block, with OpenCV's colour conversion."""
    bgr = rgb if swapped else rgb[..., ::-1]
    yuv = cv2.cvtColor(np.ascontiguousarray(bgr), cv2.COLOR_BGR2YUV).astype(np.float32)
    height, width = rgb.shape[0] // 8 * 8, rgb.shape[1] // 8 * 8
    u = yuv[:height, :width, 1]
    k = 0
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            block = u[top : top + 8, left : left + 8]
            approximation = block.reshape(4, 2, 4, 2).sum(axis=(1, 3)) / 2
            place = np.abs(approximation.ravel()[1:]).argmax() + 1
            value = approximation.ravel()[place]
            wanted = np.copysign((abs(value) // 36 + 0.25 + 0.5 * bits[k % len(bits)]) * 36, value)
            row, column = divmod(place, 4)
            block[2 * row : 2 * row + 2, 2 * column : 2 * column + 2] += (wanted - value) / 2
            k += 1
    out = cv2.cvtColor(yuv.round().clip(0, 255).astype(np.uint8), cv2.COLOR_YUV2BGR)
    return out if swapped else out[..., ::-1]


def measured(rgb: np.ndarray) -> dict:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "PNG")
    return watermark.compute(ImageFile.from_bytes(buffer.getvalue(), "a.png"))


@pytest.mark.parametrize("name", list(watermark.PAYLOADS))
@pytest.mark.parametrize("swapped", [False, True])
def test_an_embedded_payload_is_found_by_name(name: str, swapped: bool) -> None:
    from skimage import data

    values = measured(embed(data.astronaut(), watermark.PAYLOADS[name], swapped))
    assert values["detected"] == 1
    assert values["payload"] == 1 + list(watermark.PAYLOADS).index(name)
    assert values["confidence"] > 0.9


def plain_votes(rgb: np.ndarray) -> np.ndarray:
    """The reading side of the definition: one bit a block, by plain loops over every pixel's own U."""
    u = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV)[..., 1].astype(float)
    votes = []
    for top in range(0, rgb.shape[0] // 8 * 8, 8):
        for left in range(0, rgb.shape[1] // 8 * 8, 8):
            approximation = u[top : top + 8, left : left + 8].reshape(4, 2, 4, 2).sum(axis=(1, 3)) / 2
            largest = np.abs(approximation.ravel()[1:]).max()
            votes.append(largest % 36 > 18)
    return np.array(votes)


@pytest.mark.parametrize("size", [(256, 256), (261, 403)])
def test_votes_follow_the_definition(size: tuple[int, int]) -> None:
    from skimage import data

    rgb = np.ascontiguousarray(data.astronaut()[: size[0], : size[1]])
    plain, swapped = watermark._votes(rgb)
    assert ((plain > 0) == plain_votes(rgb)).mean() > 0.95
    assert ((swapped > 0) == plain_votes(np.ascontiguousarray(rgb[..., ::-1]))).mean() > 0.95


def test_votes_of_a_bit_are_added_in_reading_order() -> None:
    votes = np.arange(103, dtype=np.int16) - 50
    expected = [sum(int(v) for k, v in enumerate(votes) if k % 32 == bit) for bit in range(32)]
    assert watermark._bit_sums(votes, 32).tolist() == expected


def test_a_large_picture_is_judged_by_its_upper_rows() -> None:
    from skimage import data

    tall = np.tile(data.astronaut(), (5, 2, 1))
    marked = embed(tall, watermark.PAYLOADS["Stable Diffusion XL"], False)
    marked[watermark.MAX_PIXELS // 1024 :] = 0
    assert measured(marked)["detected"] == 1


def test_the_mark_survives_a_turn_that_exif_undoes() -> None:
    from skimage import data

    marked = embed(data.astronaut(), watermark.PAYLOADS["Stable Diffusion XL"], False)
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(marked)).save(buffer, "PNG", exif=exif)
    assert watermark.compute(ImageFile.from_bytes(buffer.getvalue(), "a.png"))["payload"] == 3


@pytest.mark.parametrize("name", list(watermark.PAYLOADS))
@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_what_the_librarys_own_encoder_writes_is_found(name: str, order: str) -> None:
    """Where `invisible-watermark` is installed (with torch and onnxruntime, which it imports)."""
    encoder = pytest.importorskip("imwatermark").WatermarkEncoder()
    from skimage import data

    encoder.set_watermark("bits", watermark.PAYLOADS[name].astype(int).tolist())
    turned = slice(None, None, -1) if order == "bgr" else slice(None)
    marked = encoder.encode(np.ascontiguousarray(data.astronaut()[..., turned]), "dwtDct")[..., turned]
    assert measured(marked)["payload"] == 1 + list(watermark.PAYLOADS).index(name)


def test_unmarked_pictures_do_not_match() -> None:
    for seed in range(5):
        values = measured(photo(512, 512, seed))
        assert (values["detected"], values["payload"]) == (0, 0)
    assert measured(np.full((300, 300, 3), 128, np.uint8))["detected"] == 0


def test_small_pictures_are_not_applicable() -> None:
    assert all(math.isnan(v) for v in measured(photo(200, 200)).values())


@pytest.mark.parametrize("n", [32, 46, 48, 136])
def test_the_number_of_bits_asked_for_keeps_chance_out(n: int) -> None:
    from scipy.stats import binom

    least = watermark.min_matches(n)
    assert binom.sf(least - 1, n, 0.5) * 2 * len(watermark.PAYLOADS) <= watermark.MAX_CHANCE
    assert binom.sf(least - 2, n, 0.5) * 2 * len(watermark.PAYLOADS) > watermark.MAX_CHANCE
