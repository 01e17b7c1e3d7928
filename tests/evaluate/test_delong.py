"""The interval of an AUC: DeLong's variance by its definition, and groups that are told apart."""

import numpy as np
import pytest
from scipy.stats import t

from cgid.evaluate.delong import components, interval, variance


def rows(n=60, seed=1):
    random = np.random.default_rng(seed)
    label = np.arange(n) % 2
    return label, np.round(random.normal(label, 1), 1)


def test_components_average_to_the_auc_and_their_variance_is_delongs():
    label, score = rows()
    pairs = (score[label == 1][:, None] > score[label == 0]) + (score[label == 1][:, None] == score[label == 0]) / 2
    auc, part = components(label, score)
    assert auc == pytest.approx(pairs.mean())
    assert part[label == 1] == pytest.approx(pairs.mean(1))
    assert part[label == 0] == pytest.approx(pairs.mean(0))
    expected = pairs.mean(1).var(ddof=1) / len(pairs) + pairs.mean(0).var(ddof=1) / pairs.shape[1]
    assert variance(label, part, auc, None)[0] == pytest.approx(expected)


def test_interval_is_students_on_the_logit_scale():
    label, score = rows()
    auc, part = components(label, score)
    spread, degrees = variance(label, part, auc, None)
    assert 29 < degrees < 58
    far = t.ppf(0.975, degrees) * np.sqrt(spread) / (auc * (1 - auc))
    low, high = (np.log(v / (1 - v)) - np.log(auc / (1 - auc)) for v in interval(label, score, np.arange(60)))
    assert (low, high) == pytest.approx((-far, far))


def test_copies_of_a_row_in_its_group_add_nothing():
    label, score = rows()
    again = np.repeat(np.arange(60), 8)
    once, copied = interval(label, score, np.arange(60)), interval(label[again], score[again], again)
    assert copied == pytest.approx(once, abs=0.01)


def test_a_perfect_order_has_no_variance():
    assert interval(np.array([0, 0, 1, 1]), np.array([1.0, 2, 3, 4]), np.arange(4)) == (1.0, 1.0)


def test_three_photographs_are_three_however_many_ai_images_stand_against_them():
    """Degrees of freedom by Welch's formula, from each class's own part of the variance."""
    random = np.random.default_rng(5)
    label = np.r_[np.zeros(60, int), np.ones(300, int)]
    codes = np.r_[np.repeat(np.arange(3), 20), np.arange(3, 303)]
    score = np.r_[np.repeat([0.0, 1, 2], 20), np.full(300, 1.5)] + random.normal(0, 0.3, 360)
    auc, part = components(label, score)
    real = np.bincount(codes[:60], weights=(part[:60] - auc) / 60)
    shares = np.sum(real**2) * 3 / 2, np.var(part[60:], ddof=1) / 300
    spread, degrees = variance(label, part, auc, codes)
    assert spread == pytest.approx(sum(shares))
    assert degrees == pytest.approx(sum(shares) ** 2 / (shares[0] ** 2 / 2 + shares[1] ** 2 / 299))
    assert degrees < 3
