"""Neighbours of a value in rank, the share of AI among them and its interval: by hand, by brute force, on odd numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.evaluate.class_distribution import BINS, ClassDistribution, fraction_ai, rounded
from cgid.evaluate.intervals import effective_fraction

NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32)


def made(n: int, seed: int = 0, apart: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = (random.random(n) < 0.3).astype(int)
    return random.normal(0, 1, n) + apart * label, label


def brute(value: np.ndarray, label: np.ndarray, at: float, nearest: float = 0.1) -> float:
    """Share of AI by sorting all rows with their class-balanced weights and counting those in the window of ranks."""
    order = np.argsort(value)
    value, label = value[order], label[order]
    weight = np.where(label == 1, 0.5 / label.sum(), 0.5 / (1 - label).sum())
    upper = np.cumsum(weight)
    same = value == at
    below = weight[value < at].sum()
    start, end = (below, below + weight[same].sum()) if same.any() else (below, below)
    low = min(max((start + end - nearest) / 2, 0), 1 - nearest)
    low, high = min(low, start), max(low + nearest, end)
    inside = np.clip(np.minimum(upper, high) - np.maximum(upper - weight, low), 0, None)
    return inside[label == 1].sum() / inside.sum()


def test_by_hand_with_four_values_that_many_images_share():
    value = np.repeat([0.0, 1.0, 2.0, 3.0], 50)
    label = np.concatenate([np.repeat([0, 1], [50 - ai, ai]) for ai in (5, 15, 35, 45)])
    spread = ClassDistribution.of(value, label)
    found = spread.neighbours(2.0)
    assert (found.real, found.ai, found.low, found.high) == (15, 35, 2.0, 2.0)
    assert found.share == pytest.approx(0.7)
    # Katz's interval of the ratio 35.5/100.5 : 15.5/100.5 by hand, as a share
    error = math.sqrt(1 / 35.5 - 1 / 100.5 + 1 / 15.5 - 1 / 100.5)
    low, high = (35.5 / 15.5 * math.exp(side * 1.959964 * error) for side in (-1, 1))
    assert (found.share_low, found.share_high) == pytest.approx((low / (1 + low), high / (1 + high)), abs=1e-6)


def test_classes_count_as_equally_frequent_however_many_there_are():
    value = np.concatenate([np.repeat([0.0, 1.0], [900, 100]), np.repeat([0.0, 1.0], [5, 5])])
    found = ClassDistribution.of(value, np.repeat([0, 1], [1000, 10])).neighbours(1.0)
    assert found.share == pytest.approx(0.5 / (0.5 + 0.1))


@pytest.mark.parametrize("n", [40, 64])
def test_few_values_are_kept_exactly_and_agree_with_brute_force(n):
    value, label = made(n)
    value = np.array([rounded(v) for v in value])
    spread = ClassDistribution.of(value, label)
    for at in [*value[:20], -0.123, 0.777, *(value[:5] + 1e-3)]:
        assert spread.neighbours(at).share == pytest.approx(brute(value, label, rounded(at)), abs=1e-9)


def test_many_values_in_few_bins_agree_with_brute_force_closely():
    value, label = made(5000)
    spread = ClassDistribution.of(value, label)
    assert len(spread.real) <= 2 * BINS and spread.mass.max() < 1.5 / BINS
    gaps = [spread.neighbours(at).share - brute(value, label, at) for at in np.linspace(-2, 3, 41)]
    assert np.max(np.abs(gaps)) < 0.02


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(1)
    for p_real, p_ai, n_real, n_ai in ((0.06, 0.15, 300, 100), (0.18, 0.02, 50, 50), (0.1, 0.1, 400, 400)):
        held, truth = 0, p_ai / (p_ai + p_real)
        for _ in range(1500):
            _, low, high = fraction_ai(random.binomial(n_real, p_real), random.binomial(n_ai, p_ai), n_real, n_ai)
            held += low <= truth <= high
        assert 0.925 < held / 1500 <= 0.985


def test_no_neighbour_of_a_class_gives_a_wide_interval_and_dependent_images_a_wider_one():
    share, low, high = fraction_ai(0, 5, 50, 50)
    assert share == high == 1.0 and 0.3 < low < 0.6
    assert fraction_ai(0, 5, 50, 50, (0.2, 0.2))[1] < low
    assert fraction_ai(0, 0, 50, 50) == (None, 0.0, 1.0)


def test_beyond_all_training_values_is_told_and_the_nearest_stand_in():
    value, label = made(300)
    spread = ClassDistribution.of(value, label)
    assert (spread.outside(-99), spread.outside(0.0), spread.outside(99)) == (-1, 0, 1)
    assert spread.neighbours(99).high == pytest.approx(value.max(), rel=1e-5)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NUMBERS, st.integers(0, 1)), max_size=90), NUMBERS)
def test_any_numbers_end_in_a_spread_that_survives_json(rows, at):
    value = np.array([v for v, _ in rows], dtype=float)
    label = np.array([k for _, k in rows], dtype=int)
    spread = ClassDistribution.of(value, label)
    present = np.isfinite(value)
    assert spread.count == present.sum()
    assert spread.ai.sum() == label[present].sum()
    if not spread.count:
        return
    again = ClassDistribution.from_json(spread.to_json())
    assert np.array_equal(again.edges, spread.edges) and np.array_equal(again.real, spread.real)
    if again.both and math.isfinite(at):
        found = again.neighbours(at)
        assert 0 <= found.share_low <= found.share <= found.share_high <= 1
        assert found.low <= found.high and again.edges[0] <= found.low and found.high <= again.edges[-1]
        assert math.isfinite(again.quantile(0.5, again.ai))


@pytest.mark.parametrize(
    "block",
    [
        {},
        {"edges": [0, 1], "real": [1], "ai": []},
        {"edges": [1, 0], "real": [1], "ai": [1]},
        {"edges": [0, 1], "real": [-1], "ai": [3]},
        {"edges": [0, "x"], "real": [1], "ai": [1]},
        {"edges": [0, None], "real": [1], "ai": [1]},
        {"edges": [[0, 1]], "real": [[1]], "ai": [[1]]},
        {"edges": [0] * 9999, "real": [1] * 9998, "ai": [1] * 9998},
        {"edges": [0, 1], "real": [0], "ai": [0]},
    ],
)
def test_broken_blocks_are_refused(block):
    with pytest.raises(ValueError):
        ClassDistribution.from_json(block)


def test_images_that_hang_together_are_worth_less():
    random = np.random.default_rng(0)
    codes = np.repeat(np.arange(30), 10)
    assert effective_fraction(random.normal(0, 1, 300), np.arange(300)) == 1.0
    assert effective_fraction(codes.astype(float), codes) == pytest.approx(0.1, abs=1e-3)
    assert effective_fraction(random.normal(0, 1, 300), codes) > 0.7
    assert effective_fraction(random.normal(0, 1, 9), np.zeros(9, int)) == pytest.approx(1 / 9)
    assert effective_fraction(np.ones(300), codes) == 1.0
