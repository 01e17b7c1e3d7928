"""Intervals of shares and draws of groups against published values and other people's code."""

import numpy as np
import pytest
from scipy.stats import binomtest

from cgid.evaluate.intervals import clustered_proportion, group_codes, group_weights, percentile, wilson


@pytest.mark.parametrize(("k", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (81, 263), (3, 1000)])
def test_wilson_equals_scipy(k, n):
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_wilson_of_nothing_is_unknown():
    assert wilson(0, 0) == (None, None)


def test_single_rows_give_plain_wilson_and_whole_groups_count_once():
    hit = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0, 1], dtype=float)
    alone = clustered_proportion(hit, np.ones(10), np.arange(10))
    assert (alone.low, alone.high) == pytest.approx(wilson(7, 10))
    rows = np.repeat(np.arange(10), 6)
    grouped = clustered_proportion(hit[rows], np.ones(60), rows)
    assert (grouped.low, grouped.high) == pytest.approx(wilson(7, 10), abs=0.03)


def test_no_error_seen_in_few_groups_stays_uncertain():
    groups = np.repeat(np.arange(4), 100)
    assert clustered_proportion(np.zeros(400), np.ones(400), groups).high == pytest.approx(wilson(0, 4)[1])


def test_missing_groups_stand_alone():
    codes = group_codes(["a", None, "a", None], 4)
    assert codes[0] == codes[2]
    assert len(set(codes)) == 3


def test_draws_keep_both_classes_and_are_the_same_for_a_seed():
    codes, label = np.repeat(np.arange(9), 2), np.repeat([1, 1, 0, 0, 0, 0, 0, 0, 0], 2)
    drawn = np.concatenate(list(group_weights(codes, label, 50, seed=3)))
    assert drawn.shape == (50, 9)
    assert (drawn[:, :2].sum(1) == 2).all()
    assert (drawn[:, 2:].sum(1) == 7).all()
    assert (drawn == np.concatenate(list(group_weights(codes, label, 50, seed=3)))).all()


def test_percentiles_leave_undefined_draws_out():
    low, high = percentile(np.array([[0.0, np.nan], [1.0, np.nan], [np.nan, np.nan], [0.5, 1.0]]))
    assert low[0] < 0.1 < 0.9 < high[0]
    assert np.isnan(low[1]) and np.isnan(high[1])
