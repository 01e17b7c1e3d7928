"""What the explorer draws, against plain numpy and scipy: samples, curves, correlations, clusters, outliers, gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cgid.evaluate import distributions


@given(st.lists(st.integers(0, 4), max_size=80), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_a_sample_keeps_every_class_and_its_share(strata, size):
    strata = np.array(strata, int)
    rows = distributions.stratified_sample(strata, size)
    assert len(rows) == min(size, len(strata)) == len(set(rows.tolist())) and (np.diff(rows) > 0).all()
    assert (rows == distributions.stratified_sample(strata, size)).all()
    if len(strata) and size >= 5:
        assert set(strata[rows]) == set(strata)
        for kind in set(strata):
            exact = size * np.mean(strata == kind)
            assert len(strata) <= size or np.sum(strata[rows] == kind) <= exact + 1


def test_a_large_sample_is_drawn_by_share():
    strata = np.repeat([0, 1, 2], [9000, 900, 100])
    assert np.bincount(strata[distributions.stratified_sample(strata, 1000)]).tolist() == [900, 90, 10]


def test_ecdf_is_the_share_at_or_below_each_point():
    values = np.round(np.random.default_rng(0).normal(size=3000), 2)
    x, share = distributions.ecdf(np.append(values, [np.nan, np.inf]))
    assert len(x) <= distributions.POINTS and x[0] == values.min() and share[-1] == 1
    for at, found in zip(x[::40], share[::40]):
        assert found == np.mean(values <= at)


@pytest.mark.parametrize("size", [2, 50, 4000])
def test_density_is_scipys_kernel_density_with_silvermans_bandwidth(size):
    values = np.random.default_rng(1).gamma(2.0, size=size)
    low, high = -2.0, 12.0
    x, found = distributions.density(values, low, high)
    iqr = np.subtract(*np.quantile(values, [0.75, 0.25]))
    h = 0.9 * min(values.std(ddof=1), iqr / 1.34) * size**-0.2
    expected = stats.gaussian_kde(values, bw_method=h / values.std(ddof=1))(x)
    assert np.abs(found - expected).max() < 0.005 * expected.max()


@pytest.mark.parametrize(
    "values", [[], [np.nan], [3.0], [3.0] * 9, [0.0, 1.0] * 30, [1e300, -1e300, 0.0], [0.0] * 99 + [1e12]]
)
def test_flat_empty_and_wild_values_give_finite_curves(values):
    values = np.array(values, float)
    low, high = distributions.bounds(values)
    assert np.isnan(low) or low < high
    if not np.isnan(low):
        x, height = distributions.density(values, low, high)
        assert np.isfinite(x).all() and np.isfinite(height).all() and (height >= 0).all()
    assert len(distributions.ecdf(values)[0]) <= len(values)
    assert len(distributions.quartiles(values)) == 3


def test_separation_is_the_auc_of_each_feature_counted_pair_by_pair():
    random = np.random.default_rng(2)
    label = random.integers(0, 3, 60)
    sample = np.round(random.normal(size=(60, 3)) + label[:, None] * [0.0, 0.7, -2.0], 1)
    sample[random.random(sample.shape) < 0.2] = np.nan
    found = distributions.separation(np.column_stack([sample, np.full(60, np.nan)]), label)
    for at in range(3):
        real, ai = (sample[(label == c) & np.isfinite(sample[:, at]), at] for c in (0, 1))
        auc = np.mean([(a > r) + (a == r) / 2 for a in ai for r in real])
        assert found[at] == pytest.approx(abs(2 * auc - 1))
    assert np.isnan(found[3])
