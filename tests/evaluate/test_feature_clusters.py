"""Rank correlations against scipy, pair by pair; clusters that are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cgid.evaluate.feature_clusters import clusters, spearman


def test_without_gaps_it_is_scipys_spearman():
    sample = np.round(np.random.default_rng(0).normal(size=(200, 5)) @ np.random.default_rng(1).normal(size=(5, 6)), 1)
    assert spearman(sample) == pytest.approx(stats.spearmanr(sample).statistic, abs=1e-12)


def test_with_gaps_each_pair_is_correlated_over_the_rows_that_have_both():
    random = np.random.default_rng(2)
    sample = np.exp(random.normal(size=(120, 4)) + random.normal(size=(120, 1)))
    sample[random.random(sample.shape) < 0.3] = np.nan
    found = spearman(sample)
    for i in range(4):
        for j in range(4):
            ranks = [stats.rankdata(sample[:, k], nan_policy="omit") for k in (i, j)]
            both = np.isfinite(sample[:, i]) & np.isfinite(sample[:, j])
            assert found[i, j] == pytest.approx(np.corrcoef(ranks[0][both], ranks[1][both])[0, 1], abs=1e-10)


def test_constant_empty_and_hardly_shared_columns_have_no_correlation():
    sample = np.random.default_rng(3).normal(size=(60, 4))
    sample[:, 1], sample[:, 2], sample[5:, 3] = 7.0, np.nan, np.nan
    found = spearman(sample)
    assert found[0, 0] == pytest.approx(1) and np.isnan(np.delete(found.ravel(), 0)).all()


def test_clusters_are_the_features_made_of_the_same_source():
    random = np.random.default_rng(4)
    source = random.normal(size=(500, 2))
    sample = np.column_stack(
        [source[:, 0], random.normal(size=500), -source[:, 0], source[:, 1], np.exp(source[:, 0]), source[:, 1] ** 3]
    )
    found = clusters(spearman(sample), 0.7)
    assert found.number.tolist() == [0, 2, 0, 1, 0, 1]
    assert sorted(found.order.tolist()) == list(range(6))
    assert found.number[found.representative].tolist() == [0, 1, 2]
    assert found.tightness == pytest.approx([1, 1, 1])
    places = [list(found.order).index(i) for i in (0, 2, 4)]
    assert max(places) - min(places) == 2, "alike features are neighbours"


@pytest.mark.parametrize("features", [0, 1])
def test_nothing_to_cluster(features):
    found = clusters(np.ones((features, features)))
    assert len(found.order) == features


def test_undefined_correlations_count_as_unlike():
    rho = np.full((3, 3), np.nan)
    assert sorted(clusters(rho, 0.5).number.tolist()) == [0, 1, 2]
