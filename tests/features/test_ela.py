"""Error levels against a plain computation, and what a person would expect of them."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from cgid.features.groups import ela
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo


def values(pixels: np.ndarray) -> dict[str, float]:
    return ela.compute(ImageFile.from_bytes(encoded(pixels), "x.png"))


def plain_error(pixels: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90, subsampling=2)
    return np.abs(pixels.astype(int) - np.asarray(Image.open(file)).astype(int)).max(axis=2)


def test_it_agrees_with_a_plain_computation():
    pixels = photo(100, 70)
    error, found = plain_error(pixels), values(pixels)
    assert found["mean_error"] == pytest.approx(error.mean())
    assert found["max_error"] == error.max()
    assert found["std_error"] == pytest.approx(error.std())
    assert found["zero_share"] == pytest.approx((error == 0).mean())
    for share in (50, 90, 99):
        assert found[f"p{share}_error"] == np.percentile(error, share, method="inverted_cdf")
    blocks = np.array([[error[i : i + 16, j : j + 16].mean() for j in range(0, 96, 16)] for i in range(0, 64, 16)])
    assert found["block_unevenness"] == pytest.approx(blocks.std() / blocks.mean(), rel=1e-5)
    assert found["block_highest"] == pytest.approx(blocks.max() - np.median(blocks), rel=1e-5)


def test_a_pasted_busy_patch_stands_out():
    smooth = np.full((256, 256, 3), 120, np.uint8)
    pasted = smooth.copy()
    pasted[64:96, 64:128] = np.random.default_rng(1).integers(0, 256, (32, 64, 3))
    assert values(smooth)["anomaly_score"] == 0
    assert values(pasted)["anomaly_score"] == pytest.approx(8 / 256)
    assert pasted.shape == ela.draw(ImageFile.from_bytes(encoded(pasted), "x.png")).shape


def test_a_picture_saved_before_changes_less():
    fresh = photo(128, 128)
    saved = np.asarray(Image.open(io.BytesIO(encoded(fresh, "JPEG", quality=90, subsampling=2))))
    assert values(saved)["mean_error"] < 0.5 * values(fresh)["mean_error"]


def test_too_small_for_blocks_is_missing_not_zero():
    small = values(photo(20, 20))
    assert math.isfinite(small["mean_error"]) and "anomaly_score" not in small


def test_of_a_large_picture_the_middle_counts_and_its_corner_lies_on_the_jpeg_grid():
    large = np.full((1001, 700, 3), 128, np.uint8)
    large[240 : 240 + 512, 88 : 88 + 512] = photo(512, 512)  # (1001 - 512) // 2 = 244 and 94, down to the grid
    assert values(large) == values(photo(512, 512))
