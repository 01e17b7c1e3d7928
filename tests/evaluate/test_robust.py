"""Unusual images: by hand, against scipy's median deviation, and planted ones that must come first."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cgid.evaluate.distributions import by_class
from cgid.evaluate.robust import OUTLIER_THRESHOLD, multivariate_outliers, robust_z


def test_modified_z_is_the_distance_from_the_median_in_scaled_median_deviations():
    values = np.append(np.random.default_rng(0).normal(size=99), np.nan)
    expected = (values - np.nanmedian(values)) / stats.median_abs_deviation(values, scale="normal", nan_policy="omit")
    assert robust_z(values)[:99] == pytest.approx(expected[:99], rel=1e-3) and np.isnan(robust_z(values)[99])


def test_an_image_is_judged_among_its_own_class():
    values, among = np.array([0.0, 1, 2, 100, 101, 102, 1]), np.array([0, 0, 0, 1, 1, 1, 1])
    assert abs(robust_z(values)[6]) < OUTLIER_THRESHOLD < abs(robust_z(values, among)[6])


def test_where_half_are_alike_the_mean_deviation_takes_over():
    values = np.array([0.0] * 9 + [5.0])
    assert robust_z(values) == pytest.approx([0] * 9 + [5 / (1.2533 * 0.5)])
    assert robust_z(np.full(5, 3.0)).tolist() == [0] * 5
    assert np.isnan(robust_z(np.full(3, np.nan))).all()


def test_a_broken_combination_comes_first_though_each_value_is_ordinary():
    random = np.random.default_rng(1)
    one = random.normal(size=400)
    sample = np.column_stack([one, one + 0.05 * random.normal(size=400), random.normal(size=(400, 3))])
    sample[7, :2] = [1.0, -1.0]
    found = multivariate_outliers(sample)
    assert int(np.argmax(found.distance)) == 7
    assert set(np.argsort(-found.part[7])[:2].tolist()) == {0, 1}
    assert np.square(found.distance) == pytest.approx(found.part.sum(1))


def test_distance_is_mahalanobis_of_the_normal_scores():
    sample = np.random.default_rng(2).gamma(1.0, size=(150, 3))
    scores = stats.norm.ppf((stats.rankdata(sample, axis=0) - 0.5) / 150)
    scores = (scores - scores.mean(0)) / scores.std(0)
    inverse = np.linalg.inv(0.9 * np.corrcoef(scores.T) + 0.1 * np.eye(3))
    expected = [np.sqrt(row @ inverse @ row) for row in scores]
    assert multivariate_outliers(sample).distance == pytest.approx(expected)


def test_missing_and_constant_features_have_no_part():
    sample = np.random.default_rng(3).normal(size=(50, 3))
    sample[:, 1], sample[:, 2] = 4.0, np.nan
    found = multivariate_outliers(sample)
    assert np.isfinite(found.distance).all() and not found.part[:, 1:].any() and (found.rank[:, 2] == 0.5).all()
    assert len(multivariate_outliers(np.empty((0, 2))).distance) == 0


def test_gaps_by_class_and_features_missing_together_are_told_once():
    features = ("a_1", "a_2", "b_1", "c_1", "a_3")
    missing = np.array([[0, 4, 0], [0, 4, 0], [5, 5, 1], [0, 0, 0], [1, 0, 0]])
    found = by_class(features, missing, np.array([10, 8, 1]), {"a_1": "A", "a_2": "A", "a_3": "A"})
    assert [(r["name"], r["real"], r["ai"], r["features"]) for r in found] == [
        ("A (2 features)", 0.0, 0.5, 2),
        ("b_1", 0.5, 0.625, 1),
        ("a_3", 0.1, 0.0, 1),
    ]
    assert found[0]["gap"] == 0.5 and found[0]["members"] == ("a_1", "a_2")
    only_real = by_class(features, missing, np.array([10, 0, 0]), {})
    assert all(np.isnan(r["gap"]) for r in only_real) and len(only_real) == 4


def test_lines_of_one_group_and_size_keep_names_of_their_own():
    found = by_class("wxyz", np.array([[4, 0], [4, 0], [1, 0], [1, 0]]), np.array([4, 4]), dict.fromkeys("wxyz", "A"))
    assert len({r["name"] for r in found}) == 2
