"""Two detectors on the same images: published formulas, worked by hand or by another implementation."""

import numpy as np
import pytest
from scipy.stats import binomtest, t

from cgid.evaluate.comparison import compare, mcnemar, paired_difference_interval
from cgid.evaluate.delong import delong


def pair(n=200, seed=0):
    random = np.random.default_rng(seed)
    label = np.arange(n) % 2
    shared = random.normal(label * 1.0, 1)
    return label, shared + random.normal(label * 0.8, 1), shared + random.normal(0, 1, n)


def delong_by_pairs(label, a, b):
    """DeLong's variance straight from the definition: all pairs, structural components, their covariance."""
    parts = []
    for score in (a, b):
        x, y = score[label == 1], score[label == 0]
        kernel = (x[:, None] > y) + (x[:, None] == y) / 2
        parts.append((kernel.mean(), kernel.mean(1), kernel.mean(0)))
    s10 = np.cov(parts[0][1], parts[1][1])
    s01 = np.cov(parts[0][2], parts[1][2])
    s = s10 / np.sum(label == 1) + s01 / np.sum(label == 0)
    return parts[0][0], parts[1][0], s[0, 0] + s[1, 1] - 2 * s[0, 1]


@pytest.mark.parametrize("decimals", [0, 8])
def test_delong_equals_the_definition(decimals):
    label, a, b = pair()
    a, b = np.round(a, decimals), np.round(b, decimals)
    auc_a, auc_b, variance = delong_by_pairs(label, a, b)
    found = delong(label, a, b)
    assert (found["auc_a"], found["auc_b"]) == pytest.approx((auc_a, auc_b))
    assert found["z"] == pytest.approx((auc_a - auc_b) / np.sqrt(variance))


def test_delong_by_hand():
    """AI scores (3, 2), real (1, 2): a orders 3.5 of 4 pairs, b 2 of 4 (its second AI score is 0).

    a: positives beat (1, .75), negatives are beaten by (1, .75). b: AI (3, 0): (1, 0), (.5, .5): AUC .5.
    Differences per AI row (0, .75): variance .28125; per real row (.5, .25): variance .03125. Sum / 2 = .15625.
    """
    label = np.array([1, 1, 0, 0])
    found = delong(label, np.array([3.0, 2, 1, 2]), np.array([3.0, 0, 1, 2]))
    assert (found["auc_a"], found["auc_b"]) == (0.875, 0.5)
    assert found["z"] == pytest.approx(0.375 / np.sqrt(0.15625))


def test_repeating_every_row_in_its_group_proves_nothing_more():
    label, a, b = pair(100)
    rows = np.repeat(np.arange(100), 10)
    once, naive = delong(label, a, b), delong(label[rows], a[rows], b[rows])
    grouped = delong(label[rows], a[rows], b[rows], rows)
    assert abs(naive["z"]) > 2.5 * abs(once["z"])
    assert grouped["z"] == pytest.approx(once["z"], rel=0.05)


def test_no_difference_is_found_about_five_times_in_a_hundred():
    found = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        label = np.arange(120) % 2
        base = random.normal(label, 1)
        found.append(delong(label, base + random.normal(0, 1, 120), base + random.normal(0, 1, 120))["p"])
    assert 0.01 <= np.mean(np.array(found) < 0.05) <= 0.10


def test_mcnemar_is_the_exact_binomial_test_for_few_and_close_to_it_for_many():
    assert mcnemar(2, 9)["p"] == pytest.approx(binomtest(2, 11).pvalue)
    assert mcnemar(2, 9)["exact"]
    assert mcnemar(0, 0)["p"] == 1
    many = mcnemar(540, 620)
    assert not many["exact"]
    assert many["p"] == pytest.approx(binomtest(540, 1160).pvalue, abs=2e-3)


def test_compare_says_which_is_better_and_by_how_much():
    label, a, b = pair(600)
    found = compare(label, a, b, np.arange(600) // 2, 0.5, 0.5, draws=200)
    assert found["n"] == 600
    assert found["delong"]["difference"] > 0 and found["delong"]["p"] < 0.05
    boot = found["bootstrap"]["auc"]
    assert boot["difference"] == pytest.approx(found["delong"]["difference"])
    assert (boot["low"], boot["high"]) == pytest.approx((found["delong"]["low"], found["delong"]["high"]), abs=0.015)
    assert compare(label, a, a)["delong"]["p"] == 1


def test_undefined_comparisons_are_null():
    found = compare([1, 1], [0.1, np.nan], [0.2, 0.3])
    assert found["n"] == 1
    assert found["delong"]["p"] is None
    assert compare([], [], [])["bootstrap"]["auc"]["difference"] is None


def test_intervals_of_a_difference_hold_the_truth_about_as_often_as_they_say():
    """Fifteen groups only, three rows each: too few for plain percentiles. Both detectors are equally good, so 0 is true."""
    hits = {"delong": 0, "auc": 0, "balanced_accuracy": 0}
    for seed in range(200):
        random = np.random.default_rng(seed)
        group = np.repeat(np.arange(30), 3)
        label = group % 2
        shared = label - 0.5 + random.normal(0, 0.7, 30)[group]
        a, b = (1 / (1 + np.exp(-(shared + random.normal(0, 0.7, 90)))) for _ in range(2))
        found = compare(label, a, b, group, draws=200, seed=seed)
        for name in hits:
            block = found["delong"] if name == "delong" else found["bootstrap"][name]
            hits[name] += block["low"] <= 0 <= block["high"]
    for name, count in hits.items():
        assert 0.91 <= count / 200 <= 0.99, (name, count)


def test_paired_share_is_bonett_and_prices_interval_where_every_row_is_its_own_group():
    """40 pairs, 3 for the one side, 9 for the other: shares (3 + 1) / 42 and (9 + 1) / 42, their formula by hand."""
    gap = np.r_[np.ones(3), -np.ones(9), np.zeros(28)]
    one, other = 4 / 42, 10 / 42
    error = np.sqrt((one + other - (one - other) ** 2) / 42 * 42 / 41)
    low, high = paired_difference_interval(gap, np.arange(40))
    assert (low + high) / 2 == pytest.approx(one - other)
    assert (high - low) / 2 == pytest.approx(t.ppf(0.975, 39) * error)


def test_copies_of_a_row_in_its_group_prove_nothing_more_about_a_share():
    gap = np.r_[np.ones(3), -np.ones(9), np.zeros(28)]
    once = np.diff(paired_difference_interval(gap, np.arange(40)))[0]
    assert np.diff(paired_difference_interval(np.repeat(gap, 9), np.repeat(np.arange(40), 9)))[0] > 0.8 * once
    assert np.diff(paired_difference_interval(np.repeat(gap, 9), np.arange(360)))[0] < 0.5 * once
