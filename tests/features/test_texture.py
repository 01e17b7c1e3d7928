"""Patches against plain loops, binary patterns against scikit-image, and textures whose values are known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.feature import local_binary_pattern

from cgid.features.groups import texture as t
from cgid.features.signals import local_binary_patterns, srm
from cgid.features.signals.histograms import luma_levels
from cgid.imaging.image_file import ImageFile
from synthetic_images import encoded, photo


def opened(gray: np.ndarray) -> ImageFile:
    return ImageFile.from_bytes(encoded(np.repeat(gray.astype(np.uint8)[..., None], 3, axis=2)), "x.png")


def values(gray: np.ndarray) -> dict[str, float]:
    return t.compute(opened(gray))


def white(side: int = 256, spread: float = 10.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, spread, (side, side)).clip(0, 255).round()


def looped_richness(level: np.ndarray) -> np.ndarray:
    x = level.astype(int)
    found = np.zeros((x.shape[0] // 16, x.shape[1] // 16), int)
    for r in range(found.shape[0]):
        for c in range(found.shape[1]):
            patch = x[16 * r : 16 * r + 16, 16 * c : 16 * c + 16]
            for i in range(16):
                for j in range(16):
                    for di, dj in ((0, 1), (1, 0), (1, 1), (1, -1)):
                        if i + di < 16 and 0 <= j + dj < 16:
                            found[r, c] += abs(patch[i, j] - patch[i + di, j + dj])
    return found


@pytest.mark.parametrize("made", [photo(70, 37)[..., 1], (np.indices((48, 33)).sum(axis=0) % 2 * 255).astype(np.uint8)])
def test_richness_is_the_sum_of_plain_loops(made):
    assert np.array_equal(local_binary_patterns.texture_strength(made), looped_richness(made))


def test_pairs_are_those_that_the_loops_meet():
    stripes = np.tile(np.array([0, 1], np.uint8), (16, 8))
    down = 15 * 16  # pairs below each other, which alone are equal here
    assert looped_richness(stripes)[0, 0] == local_binary_patterns.PAIRS_PER_PATCH - down


def test_patch_values_are_those_of_plain_loops():
    level = np.where(np.indices((64, 80))[1] < 40, white(80, 25)[:64], white(80, 3, seed=1)[:64]).astype(np.uint8)
    found, x = values(level), level.astype(int)
    kernel = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]])
    rich = looped_richness(level)
    sums = np.zeros((*rich.shape, 5))  # pixels, |residual|, active, q², q times its right neighbour's

    def residual(i, j):
        inside = 0 < i < 63 and 0 < j < 79
        return int((x[i - 1 : i + 2, j - 1 : j + 2] * kernel).sum()) if inside else None

    def code(value):
        return 0 if value is None else int(math.copysign(min(2, math.floor(abs(value) / 4 + 0.5)), value))

    for i in range(64):
        for j in range(80):
            here = residual(i, j)
            if here is not None:
                q = code(here)
                sums[i // 16, j // 16] += 1, abs(here), q != 0, q * q, q * code(residual(i, j + 1))
    order = np.argsort(rich.ravel(), kind="stable")
    poor, busy = (sums.reshape(-1, 5)[k].sum(axis=0) for k in (order[:6], order[-6:]))
    assert found["rich_diversity"] == pytest.approx(
        rich.ravel()[order[-6:]].mean() / local_binary_patterns.PAIRS_PER_PATCH
    )
    assert found["poor_diversity"] == pytest.approx(
        rich.ravel()[order[:6]].mean() / local_binary_patterns.PAIRS_PER_PATCH
    )
    assert found["diversity_ratio"] == pytest.approx(found["poor_diversity"] / found["rich_diversity"])
    assert found["diversity_spread"] == pytest.approx(rich.std() / rich.mean())
    assert found["residual_ratio"] == pytest.approx((poor[1] / poor[0]) / (busy[1] / busy[0]))
    assert found["poor_active"] == pytest.approx(poor[2] / poor[0])
    assert found["rich_active"] == pytest.approx(busy[2] / busy[0])
    assert found["poor_neighbours"] == pytest.approx(poor[4] / poor[3])
    assert found["rich_neighbours"] == pytest.approx(busy[4] / busy[3])


def test_patterns_are_scikit_images():
    """scikit-image interpolates on a circle: straight neighbours are whole pixels at radius 1, diagonal ones at √2."""
    level = photo(50, 40)[..., 1]
    near = local_binary_pattern(level, 8, 1).astype(int)
    far = local_binary_pattern(level, 8, math.sqrt(2)).astype(int)
    expected = (near & 0b01010101) | (far & 0b10101010)  # its bit k is the neighbour k eighths round from the right
    ours = local_binary_patterns.patterns(level)
    turned = np.array([int(f"{code:08b}"[::-1], 2) for code in range(256)])[ours]
    # Interpolated, a diagonal neighbour exactly as bright as the centre may round to just below it.
    equal = np.zeros(ours.shape, bool)
    for row, column in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        equal |= level[1 + row : 39 + row, 1 + column : 49 + column] == level[1:-1, 1:-1]
    assert (~equal).mean() > 0.5
    assert np.array_equal(turned[~equal], expected[1:-1, 1:-1][~equal])


def test_58_patterns_are_uniform_and_24_of_them_edges():
    assert (local_binary_patterns.transitions() <= 2).sum() == 58
    edge, straight, uniform = t._edge_patterns()
    assert (edge.sum(), straight.sum()) == (24, 8) and np.all(edge >= straight) and np.all(uniform >= edge)


@pytest.mark.parametrize("turns", [0, 1])
def test_edges_along_rows_and_columns_are_straight_and_diagonal_ones_are_not(turns):
    ramp = np.rot90(np.tile(np.arange(100), (100, 1)), turns)
    assert values(ramp)["lbp_edge"] == 1 and values(ramp)["lbp_straight"] == 1
    diagonal = np.indices((100, 100)).sum(axis=0)
    assert values(diagonal)["lbp_edge"] == 1 and values(diagonal)["lbp_straight"] == 0


def test_in_white_noise_every_ninth_pixel_is_the_brightest_of_nine():
    found = values(white(512, 40))
    assert found["lbp_peak"] == pytest.approx(1 / 9, abs=0.006)
    assert found["lbp_flat"] == 0 and found["lbp_uniform"] < 0.6
    assert found["diversity_ratio"] > 0.85 and found["residual_ratio"] > 0.85


def test_a_picture_with_emptied_quiet_parts_stands_out():
    """The quiet half of a camera's picture has noise; synthesis may leave none."""
    rich = white(256, 25)
    camera, synthetic = rich.copy(), rich.copy()
    camera[:, :128] = white(256, 3, seed=1)[:, :128]
    synthetic[:, :128] = 128
    assert values(synthetic)["diversity_ratio"] < 0.01 < 0.08 < values(camera)["diversity_ratio"]
    assert values(synthetic)["residual_ratio"] < 0.5 * values(camera)["residual_ratio"]
    assert values(synthetic)["poor_active"] < 0.1 < 0.8 < values(camera)["poor_active"]
    assert values(synthetic)["lbp_flat"] > 0.4 and values(camera)["lbp_flat"] < 0.01


def test_one_even_tone_is_flat_and_has_no_ratios():
    found = values(np.full((64, 64), 90))
    assert found["lbp_flat"] == 1 and found["rich_diversity"] == 0 and found["lbp_entropy"] == 0
    assert math.isnan(found["diversity_ratio"]) and math.isnan(found["poor_neighbours"])


def test_sums_hold_the_largest_values_there_are():
    chequer = (np.indices((48, 48)).sum(axis=0) % 2 * 255).astype(np.uint8)
    found = t.patch_values(chequer, *(opened(chequer).cached(f) for f in (srm.square_residual, srm.square_codes)))
    assert found["residual_ratio"] == pytest.approx(1) and found["rich_neighbours"] < -0.9
    assert local_binary_patterns.patch_sums(np.full((16, 16), 2040, np.int16))[0, 0] == 2040 * 256
    assert local_binary_patterns.patch_sums(np.full((16, 16), 1020, np.uint16))[0, 0] == 1020 * 256
    assert local_binary_patterns.patch_sums(np.ones((16, 16), bool))[0, 0] == 256


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1), st.integers(1, 256))
def test_any_size_gives_shares_within_their_bounds(height, width, seed, tones):
    image = opened(np.random.default_rng(seed).integers(0, tones, (height, width)))
    found = t.compute(image)
    assert bool(found) == (min(height, width) >= 8)
    assert ("rich_diversity" in found) == (min(height, width) >= 32)
    if "rich_diversity" in found:
        assert found["rich_diversity"] >= found["poor_diversity"] >= 0
        assert image.cached(luma_levels).shape == (height, width)
    for feature in t.GROUP.features:
        value = found.get(feature.name, math.nan)
        low, high = {"share 0..1": (0, 1), "-1..1": (-1, 1), "bits": (0, 8)}.get(feature.unit, (0, math.inf))
        assert math.isnan(value) or low - 1e-9 <= value <= high + 1e-9
