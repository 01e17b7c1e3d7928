"""The best rule is the best there is, and no way of giving the label away stays hidden."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import mutual_info_score, roc_auc_score

from cgid.audit.single_feature import measure, table_balanced_accuracy
from cgid.evaluate.cross_validation import grouped_folds

VALUES = st.one_of(st.just(np.nan), st.integers(-3, 3).map(float))


def look(value, label):
    value, label = np.asarray(value, dtype=float), np.asarray(label)
    codes = np.arange(len(label))
    return measure(value, label, codes, grouped_folds(label, codes, 2, 0)).metrics


@given(st.lists(st.tuples(st.integers(0, 1), VALUES), min_size=1, max_size=25))
@settings(max_examples=150, deadline=None)
def test_exhaustive_search_finds_nothing_better(rows):
    label, value = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    present = np.isfinite(value)
    accuracy, f1 = [], []
    for t in [*np.unique(value[present]), np.inf]:
        for called in (value >= t, value < t):
            for missing in (False, True):
                guess = np.where(present, called, missing).astype(bool)
                accuracy.append(np.mean(guess == label))
                f1.append(2 * np.sum(guess & (label == 1)) / max(guess.sum() + label.sum(), 1))
    found = look(value, label)
    assert found["single_feature_best_accuracy"] == pytest.approx(max(accuracy))
    if label.any():
        assert found["single_feature_best_f1_ai"] == pytest.approx(max(f1))


@given(st.lists(st.tuples(st.integers(0, 1), VALUES), min_size=2, max_size=25))
@settings(max_examples=100, deadline=None)
def test_the_rule_in_words_does_what_it_says(rows):
    label, value = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    found = look(value, label)
    rule, t = found["single_feature_rule"], found["single_feature_threshold"]
    present = np.isfinite(value)
    called = {
        "always": np.ones(len(label), bool),
        "never": np.zeros(len(label), bool),
        "value present": present,
        "value missing": ~present,
    }.get(rule)
    if called is None:
        called = np.where(present, value >= t if ">=" in rule else value <= t, "or missing" in rule)
    assert np.mean(called == label) == pytest.approx(found["single_feature_best_accuracy"])


def test_auc_and_p_agree_with_others():
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 300)
    value = np.round(random.normal(label * 0.1, 1), 1)
    found = look(value, label)
    assert found["auc_ai_higher"] == pytest.approx(roc_auc_score(label, value))
    assert found["p_value"] == pytest.approx(mannwhitneyu(value[label == 1], value[label == 0]).pvalue, rel=0.2)


def test_p_is_honest_about_groups():
    """No feature tells anything, but all rows of a photograph have the same value: 5 % may be called significant."""
    p = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        codes = np.repeat(np.arange(40), 5)
        value = np.repeat(random.normal(size=40), 5)
        p.append(measure(value, codes % 2, codes, codes % 2).metrics["p_value"])
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.09


def test_moments_uniques_and_missing_shares():
    found = look([1, 1, 3, np.nan, 3, 5], [0, 0, 0, 1, 1, 1])
    assert (found["real_mean"], found["ai_mean"], found["mean_gap_abs"]) == pytest.approx((5 / 3, 4, 7 / 3))
    assert found["ai_std"] == 1
    names = ("overall_unique_values", "real_unique_values", "ai_unique_values", "shared_unique_values")
    assert [found[n] for n in names] == [3, 2, 2, 1]
    assert (found["missing_share_real"], found["missing_share_ai"]) == pytest.approx((0, 1 / 3))
    assert not found["zero_variance"]


def test_a_leak_in_the_middle_is_seen_by_bins_only():
    random = np.random.default_rng(0)
    label = np.arange(600) % 2
    value = np.where(label == 1, random.uniform(-1, 1, 600), random.choice([-1, 1], 600) * random.uniform(1.2, 3, 600))
    found = look(value, label)
    assert abs(found["auc_ai_higher"] - 0.5) < 0.1
    assert found["single_feature_best_balanced_accuracy"] < 0.8
    assert found["binned_balanced_accuracy"] > 0.9


def test_mutual_information_is_in_bits():
    label = np.arange(400) % 2
    assert look(label, label)["mutual_information"] == pytest.approx(1)
    codes = np.arange(400) % 3
    found = look(np.where(codes == 0, np.nan, 1.0), label)["mutual_information"]
    assert found == pytest.approx(mutual_info_score(codes == 0, label) / np.log(2), abs=1e-9)


def test_a_table_of_chance_is_at_chance():
    random = np.random.default_rng(0)
    label, category = np.arange(400) % 2, random.integers(0, 100, 400)
    assert table_balanced_accuracy(category, label, random.integers(0, 5, 400)) < 0.6
    assert np.isnan(table_balanced_accuracy(category, label * 0, category % 5))


@pytest.mark.parametrize("value", [[np.nan] * 6, [2.0] * 6, [np.inf, -np.inf, 1e308, -1e308, 0, np.nan]])
def test_odd_values_are_no_error(value):
    found = look(value, [0, 1, 0, 1, 0, 1])
    assert 0.5 <= found["single_feature_best_accuracy"] <= 1
    assert found["zero_variance"] == (len(set(map(str, value))) == 1)


def test_two_values_among_hundreds_of_missing_ones_are_no_auc():
    value, label = np.full(200, np.nan), np.tile([0.0, 1.0], 100)
    value[:2] = 1.0, 2.0
    metrics = measure(value, label, np.arange(200), np.arange(200) % 5).metrics
    assert np.isnan(metrics["auc_ai_higher"]) and metrics["single_feature_best_accuracy"] < 0.6


@pytest.mark.parametrize("shape", ["ring", "uneven ring", "codes", "comb"])
def test_small_tables_show_leaks_that_no_threshold_tells(shape):
    random, n = np.random.default_rng(4), 120
    ai, u = np.arange(n) % 2, np.random.default_rng(5).random(n)
    value = {
        "ring": np.where(ai, 0.25 + u / 2, np.where(u < 0.5, u / 2, 0.5 + u / 2)),
        "uneven ring": np.where(ai, 0.3 + u / 10, np.where(u < 0.3, u, u * 3 + 0.1)),
        "codes": np.where(ai, random.choice([3.0, 7.0], n), random.choice([1.0, 2, 4, 5, 6, 8, 9], n)),
        "comb": random.integers(0, 4, n) * 2 + ai + u,
    }[shape]
    rows = np.arange(n)
    found = measure(value, ai, rows, rows % 5).metrics
    assert found["binned_balanced_accuracy"] > max(0.75, found["single_feature_best_balanced_accuracy"] + 0.05)
