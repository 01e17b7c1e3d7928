"""Twins look unimportant one by one and important together; groups change places whole; noise is worth nothing."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cgid.evaluate.curves import auc
from cgid.evaluate.feature_clusters import group_order, losses


def planted(n=600, seed=0):
    """(matrix, label, codes): columns 0 and 1 the same signal, 2 a weaker one of its own, 3 noise; groups of two."""
    random = np.random.default_rng(seed)
    label = np.repeat(np.arange(n // 2) % 2, 2).astype(float)
    signal = random.normal(size=n) + 1.6 * label
    other = random.normal(size=n) + 0.6 * label
    twin = signal + 0.01 * random.normal(size=n)
    return np.column_stack([signal, twin, other, random.normal(size=n)]), label, np.repeat(np.arange(n // 2), 2)


def either(matrix):
    """A model that takes what it needs from whichever twin still speaks: the larger of the two."""
    return np.maximum(matrix[:, 0], matrix[:, 1]) + 0.3 * matrix[:, 2]


def test_a_twin_alone_is_worth_little_and_both_together_much():
    matrix, label, codes = planted()
    one, two, both, noise = losses(either, matrix, label, codes, [np.array([0]), np.array([1]), np.array([0, 1]), np.array([3])])  # fmt: skip
    assert max(one.value, two.value) < 0.45 * both.value and both.low > max(one.value, two.value)
    assert abs(noise.value) < 1e-12 and abs(noise.high) < 1e-12


def test_the_loss_is_the_fall_of_auc_when_rows_are_shuffled():
    matrix, label, codes = planted()
    model = LogisticRegression().fit(matrix, label)
    (loss,) = losses(model.decision_function, matrix, label, codes, [np.array([0, 1, 2, 3])], repeats=40)
    assert loss.value == pytest.approx(auc(label, model.decision_function(matrix)) - 0.5, abs=0.01)
    assert loss.low < loss.value < loss.high


def test_groups_change_places_whole():
    codes = np.repeat([3, 0, 7, 5], 4)
    order = group_order(codes, np.random.default_rng(1))
    assert sorted(order) == list(range(16))
    for group in np.unique(codes):
        assert len(set(codes[order[codes == group]])) == 1


def test_intervals_of_a_useless_feature_hold_zero():
    held = 0
    for seed in range(40):
        matrix, label, codes = planted(200, seed)

        def score(m):
            return m[:, 2] + m[:, 3]

        (loss,) = losses(score, matrix, label, codes, [np.array([3])], seed=seed)
        held += loss.low <= 0 <= loss.high or loss.high < 0
    assert held >= 34


def test_one_class_or_one_group_has_no_interval():
    matrix, label, codes = planted(40)
    assert losses(either, matrix, np.zeros(40), codes, [np.array([0])])[0].low is None
    assert losses(either, matrix, label, np.zeros(40, int), [np.array([0])])[0].low is None
