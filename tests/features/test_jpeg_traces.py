"""The traces that JPEG history is made of, each against a plain loop, scipy or a hand calculation."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cgid.features.signals import benford, block_grid, jpeg_ghosts, shared
from cgid.fileformat.quantisation_tables import ijg_tables, zigzag_order
from cgid.imaging.image_file import ImageFile


def grey_png(pixels: np.ndarray) -> ImageFile:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return ImageFile.from_bytes(file.getvalue(), "a.png")


def texture(height: int, width: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    light = 120 + 60 * np.sin(x / 11) * np.cos(y / 7) + random.normal(0, 3, (height, width))
    return light.clip(0, 255).astype(np.uint8)


def test_steps_at_block_edges_are_what_a_loop_measures() -> None:
    gray = texture(40, 48).astype(np.float32)
    sums, many = np.zeros(8), np.zeros(8)
    for x in range(1, 46):
        excess = 0.0
        for y in range(40):
            step = [min(5.0, abs(float(gray[y, x + d + 1]) - float(gray[y, x + d]))) for d in (-1, 0, 1)]
            excess += (step[1] - (step[0] + step[2]) / 2) / 40
        sums[(x + 1) % 8] += excess
        many[(x + 1) % 8] += 1
    assert np.allclose(block_grid.fold_steps(gray, 1).excess, sums / many, atol=1e-5)
    assert np.allclose(block_grid.fold_steps(np.ascontiguousarray(gray.T), 0).excess, sums / many, atol=1e-5)


def test_change_is_that_of_saving_the_block_again() -> None:
    from scipy.fft import dctn

    image = grey_png(texture(16, 24))
    gray, places = image.stored_luma_crop(512).astype(float) - 128, zigzag_order()[1:16]
    for quality in (30, 60, 95):
        steps = ijg_tables("luma")[quality - 1][places]
        dct = image.cached(shared.block_dct)
        found = jpeg_ghosts.requantisation_error(dct.reshape(64, *dct.shape[2:]), quality)
        for row in range(2):
            for column in range(3):
                block = dctn(gray[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8], norm="ortho").ravel()[places]
                left = block - steps * np.round(block / steps)
                assert found[row, column] == pytest.approx(float((left**2).mean()), rel=1e-3, abs=1e-3)


def test_the_law_of_first_digits_is_fitted_as_scipy_fits_it() -> None:
    from scipy.optimize import minimize
    from scipy.spatial.distance import jensenshannon

    random = np.random.default_rng(5)
    for scale in (8, 20, 60):
        values = np.rint(np.abs(random.laplace(0, scale, 20000))).astype(int)
        shares = benford.first_digits(np.bincount(values, minlength=1200)[1:])
        by_hand = np.array([sum(str(v)[0] == str(d) for v in values if v) for d in range(1, 10)], float)
        assert np.allclose(shares, by_hand / by_hand.sum())

        def law(p: np.ndarray) -> np.ndarray:
            made = np.log10(1 + 1 / np.maximum(p[1] + np.arange(1, 10) ** p[0], 0.05))
            return made / made.sum()

        bounds = [(0.3, 3.0), (-0.9, 2.0)]
        best = min(
            minimize(lambda p, s=shares: ((law(p) - s) ** 2).sum(), start, bounds=bounds).fun
            for start in ([0.6, -0.5], [1.0, 0.0], [2.0, 1.0])
        )
        fitted, _, _ = benford.fit_law(shares)
        assert ((fitted - shares) ** 2).sum() <= best + 2e-5
        assert benford.divergence(shares, fitted) == pytest.approx(jensenshannon(shares, fitted, base=2) ** 2, abs=1e-9)


def test_benfords_own_law_is_in_the_lattice() -> None:
    plain = np.log10(1 + 1 / np.arange(1, 10))
    law, exponent, shift = benford.fit_law(plain)
    assert (exponent, shift) == (1.0, 0.0) and np.allclose(law, plain)
    assert benford.divergence(plain, law) == pytest.approx(0, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=9, max_size=160))
def test_first_digits_are_shares_or_missing(counts: list[int]) -> None:
    shares = benford.first_digits(np.array(counts, float))
    if sum(counts) == 0:
        assert np.isnan(shares).all()
    else:
        assert shares.sum() == pytest.approx(1) and 0 <= benford.divergence(shares, benford.fit_law(shares)[0]) <= 1


def _dct(gray: np.ndarray) -> np.ndarray:
    return grey_png(gray).cached(shared.block_dct)


@pytest.mark.parametrize("shift", [-3, 3])
def test_a_dimple_is_the_first_pixel_of_every_block(shift: int) -> None:
    plain = texture(256, 256)
    dented = plain.copy()
    dented[::8, ::8] = (dented[::8, ::8].astype(int) + shift).clip(0, 255)
    assert abs(block_grid.dimple_strength(_dct(plain))) < 3
    assert block_grid.dimple_strength(_dct(dented)) * np.sign(shift) > 6
    block = block_grid.mean_block(_dct(dented))
    assert np.abs(block).argmax() == 0


def test_rounding_every_coefficient_down_makes_dimples() -> None:
    dct = _dct(texture(256, 256))
    steps = ijg_tables("luma")[84].reshape(8, 8, 1, 1)
    down, nearest = np.floor(dct / steps) * steps, np.round(dct / steps) * steps
    assert (
        block_grid.dimple_strength(down.astype(np.float32))
        < -5
        < -3
        < block_grid.dimple_strength(nearest.astype(np.float32))
    )


def test_too_few_blocks_have_no_mean_block() -> None:
    assert math.isnan(block_grid.dimple_strength(_dct(texture(24, 24))))
    assert block_grid.fold_steps(np.zeros((31, 40), np.float32), 1) is None
