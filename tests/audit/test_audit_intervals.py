"""The interval of a feature's AUC holds what it promises, also where images of a group are alike."""

import numpy as np
import pytest
from scipy.stats import norm

from cgid.audit.leakage import auc_intervals
from cgid.audit.single_feature import measure
from cgid.evaluate.delong import interval


def drawn(random, groups: int, share: float, mixed: bool, auc: float):
    """value, label, codes: about three images a group, half of the spread shared within the group."""
    sizes = 1 + random.poisson(2, groups)
    codes = np.repeat(np.arange(groups), sizes)
    label = np.repeat((np.arange(groups) < groups * share).astype(int), sizes)
    label = random.integers(0, 2, len(codes)) if mixed else label
    spread = (random.normal(size=groups)[codes] + random.normal(size=len(codes))) / np.sqrt(2)
    return label * norm.ppf(auc) * np.sqrt(2) + spread, label, codes


@pytest.mark.parametrize(
    ("groups", "share", "mixed", "auc"), [(60, 0.5, False, 0.5), (60, 0.5, True, 0.75), (80, 0.25, False, 0.85)]
)
def test_ninety_five_percent_of_the_intervals_cover_the_truth(groups, share, mixed, auc):
    random, hits = np.random.default_rng(7), []
    for _ in range(900):
        value, label, codes = drawn(random, groups, share, mixed, auc)
        found = measure(value, label, codes, codes % 5)
        low, high = auc_intervals(np.array([found.metrics["auc_ai_higher"]]), [found.influence], label, codes)
        hits.append(low[0] <= auc <= high[0])
    assert 0.93 <= np.mean(hits) <= 0.97


def test_it_is_delongs_interval_over_groups():
    value, label, codes = drawn(np.random.default_rng(1), 200, 0.5, False, 0.8)
    found = measure(value, label, codes, codes % 5)
    low, high = auc_intervals(np.array([found.metrics["auc_ai_higher"]]), [found.influence], label, codes)
    assert (low[0], high[0]) == pytest.approx(interval(label, value, codes), abs=1e-3)


def test_edges_have_bounds_and_too_few_groups_have_none():
    label, codes = np.array([0, 0, 0, 1, 1, 1]), np.arange(6)
    influence = [np.zeros(6, np.float32)] * 3
    low, high = auc_intervals(np.array([1.0, 0.0, np.nan]), influence, label, codes)
    assert low[0] == pytest.approx(1 - high[1]) and 0.3 < low[0] < 0.5 and high[0] == 1 and low[1] == 0
    assert np.isnan(low[2]) and np.isnan(high[2])
    assert np.isnan(auc_intervals(np.array([0.7]), influence[:1], label, codes // 3)[0]).all()
