"""The filters of edges and detail, each on a made picture of which the answer is known."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from cgid.imaging.image_file import ImageFile
from cgid.inspector.filter import FilterResult, all_filters
from cgid.inspector.filters.echo_edges import laplacian
from cgid.inspector.filters.edge_sharpness import edge_blur, region_medians
from cgid.inspector.filters.flat_areas import flat_mask
from cgid.inspector.filters.luminance_gradient import derivatives
from cgid.inspector.filters.min_max_deviation import deviations
from cgid.inspector.view import View


def view(pixels: np.ndarray) -> View:
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert("RGB").save(buffer, "PNG")
    return View(ImageFile.from_bytes(buffer.getvalue(), "made.png"))


def drawn(name: str, looked: View, **given: object) -> FilterResult:
    return all_filters()[name].run(looked, given)


def discs(blurred: float, side: int = 128, fine: int = 4) -> np.ndarray:
    """Discs with edges of a known Gaussian blur (px), each pixel the mean of fine x fine points, and a little noise."""
    rng = np.random.default_rng(5)
    row, column = np.mgrid[: side * fine, : side * fine]
    large = np.full(row.shape, 60.0)
    for _ in range(14):
        y, x, radius = rng.integers(0, side * fine), rng.integers(0, side * fine), rng.integers(10, 24) * fine
        large[np.hypot(row - y, column - x) < radius] = rng.integers(20, 230)
    if blurred:
        large = ndimage.gaussian_filter(large, blurred * fine)
    return large.reshape(side, fine, side, fine).mean(axis=(1, 3)) + rng.normal(0, 1, (side, side))


@pytest.mark.parametrize("kernel", ["Sobel", "Scharr"])
@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, 2), (2, -1)])
def test_the_gradient_of_a_plane_is_its_slope(kernel: str, right: int, down: int) -> None:
    row, column = np.mgrid[:20, :20].astype(np.float32)
    across, along = derivatives(100 + right * column + down * row, kernel, 0)
    assert across[5:15, 5:15] == pytest.approx(right, abs=1e-3)
    assert along[5:15, 5:15] == pytest.approx(down, abs=1e-3)


def test_the_gradient_names_the_side_the_light_comes_from() -> None:
    row, column = np.mgrid[:60, :60]
    assert "towards the left" in drawn("luminance_gradient", view(200 - 2 * column)).finding
    assert "towards the lower right" in drawn("luminance_gradient", view(20 + column + row)).finding
    assert "uniform" in drawn("luminance_gradient", view(np.full((9, 9), 70))).finding
    picture = drawn("luminance_gradient", view(20 + 2 * column), shown="direction as colour wheel").picture
    assert picture[30, 30].argmax() == 0  # right is red
    across = drawn("luminance_gradient", view(200 - 2 * column), shown="across").picture
    assert across[30, 30] < 128 and across.shape == (60, 60)


@pytest.mark.parametrize("reach", [1, 2])
def test_pixels_beyond_their_neighbours_are_those_a_plain_loop_finds(reach: int) -> None:
    values = np.random.default_rng(2).integers(0, 256, (24, 31)).astype(np.uint8)
    above, below = deviations(values, reach)
    for row in range(reach, 24 - reach):
        for column in range(reach, 31 - reach):
            window = values[row - reach : row + reach + 1, column - reach : column + reach + 1].astype(int)
            others = np.delete(window.ravel(), window.size // 2)
            assert above[row, column] == max(0, int(values[row, column]) - others.max())
            assert below[row, column] == max(0, others.min() - int(values[row, column]))


def test_noise_has_a_ninth_of_its_pixels_above_all_neighbours_and_a_smoothed_region_shows() -> None:
    rng = np.random.default_rng(4)
    noise = 128 + rng.normal(0, 30, (160, 160))
    found = [float(n) for n in re.findall(r"([\d.]+) %", drawn("min_max_deviation", view(noise)).finding)]
    assert found[:2] == pytest.approx([11.1, 11.1], abs=0.8)
    noise[40:120, 40:120] = ndimage.gaussian_filter(noise, 2)[40:120, 40:120]
    density = drawn("min_max_deviation", view(noise), shown="how many lie close by").picture.sum(axis=2)
    assert density[70:90, 70:90].mean() < 0.6 * density[:20].mean()


def test_the_echo_of_a_step_are_two_lines_and_a_blurred_step_has_nearly_none() -> None:
    step = np.full((40, 80), 60.0, np.float32)
    step[:, 40:] = 180
    found = laplacian(step, 1.0)
    expected = ndimage.gaussian_laplace(step.astype(float), 1.0, truncate=6)
    assert found[20, 30:50] == pytest.approx(expected[20, 30:50], abs=6)
    assert found[20, 39] > 15 and found[20, 40] < -15 and abs(found[20, 20]) < 0.01
    soft = ndimage.gaussian_filter(step, 5)
    sharp, dull = (drawn("echo_edges", view(p), shown="brightness").picture[:, 30:50].max() for p in (step, soft))
    assert sharp > 200 and dull < 40


def test_a_faint_seam_flashes_up_at_its_level() -> None:
    pixels = np.full((20, 40), 140)
    pixels[:, 20:] = 143
    found = drawn("level_sweep", view(pixels), level=141, width=6)
    assert int(found.picture[5, 30, 0]) - int(found.picture[5, 5, 0]) > 120
    assert "100.0 % of all" in found.finding
    assert np.ptp(drawn("level_sweep", view(pixels), level=40, width=6).picture) == 0


@pytest.mark.parametrize("blurred", [0.7, 1.0, 2.0, 3.5])
def test_blur_is_measured_in_pixels(blurred: float) -> None:
    found = edge_blur(discs(blurred).astype(np.float32), 3.0)
    assert np.nanmedian(found) == pytest.approx(blurred, rel=0.1)


def test_a_region_softer_than_the_rest_is_seen() -> None:
    pixels = np.hstack([discs(0.7), discs(2.5)])
    regions = region_medians(edge_blur(pixels.astype(np.float32), 3.0), 32)
    assert np.nanmax(regions[:, :3]) < 1.2 and np.nanmin(regions[:, 5:]) > 1.8
    found = drawn("edge_sharpness", view(pixels))
    assert "Edges are typically blurred by" in found.finding and found.picture.shape == (128, 256, 3)
    assert "No region" in drawn("edge_sharpness", view(np.full((64, 64), 90))).finding
    detail = drawn("edge_sharpness", view(pixels), method="fine detail (Laplacian variance)")
    assert detail.picture.shape == (128, 256, 3)


def test_a_painted_patch_in_noise_is_marked_to_the_pixel() -> None:
    pixels = np.random.default_rng(6).integers(60, 190, (50, 60, 3)).astype(np.uint8)
    pixels[10:30, 20:45] = (90, 120, 140)
    marked = np.zeros((50, 60), bool)
    marked[10:30, 20:45] = True
    assert np.array_equal(flat_mask(pixels, 6, 0), marked)
    found = drawn("flat_areas", view(pixels))
    assert f"{100 * marked.mean():.1f} % of the pixels" in found.finding
    assert "another 0.0 %" in found.finding
    pixels[10:30, 20:45] = 255
    assert f"another {100 * marked.mean():.1f} %" in drawn("flat_areas", view(pixels)).finding
