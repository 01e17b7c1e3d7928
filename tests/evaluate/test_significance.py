"""Nadeau and Bengio's correction by hand, and the two corrections for many tests against published examples."""

import numpy as np
import pytest
from scipy.stats import t as student

from cgid.evaluate.significance import benjamini_hochberg, corrected_t, holm


def test_by_hand():
    """d = (1, 2, 3, 4): mean 2.5, s² = 5/3; five folds: (1/4 + 1/4) s² = 0.8333; t = 2.7386 with 3 degrees."""
    found = corrected_t([1, 2, 3, 4], 0.25)
    assert found["t"] == pytest.approx(2.5 / np.sqrt(5 / 6))
    assert found["p"] == pytest.approx(2 * student.sf(2.5 / np.sqrt(5 / 6), 3))
    assert found["high"] - 2.5 == pytest.approx(3.182446 * np.sqrt(5 / 6), rel=1e-5)


def test_is_stricter_than_the_plain_test():
    values = np.random.default_rng(0).normal(0.3, 1, 25)
    plain = values.mean() / (values.std(ddof=1) / 5)
    assert corrected_t(values, 0.25)["t"] == pytest.approx(plain / np.sqrt(1 + 25 * 0.25))


def test_edges():
    assert corrected_t([], 0.25)["mean"] is None
    assert corrected_t([0.5], 0.25)["p"] is None
    assert corrected_t([0.0, 0.0], 0.25)["p"] == 1
    assert corrected_t([0.1, 0.1, np.nan], 0.25)["p"] == 0


def test_holm_by_hand():
    """p (0.01, 0.04, 0.03, 0.005), sorted times 4, 3, 2, 1 and never falling: 0.02, 0.03, 0.06, 0.06."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_benjamini_hochberg_equals_scipy_and_skips_what_was_not_tested():
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(0).random(30) ** 2
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p))
    with_gap = benjamini_hochberg([np.nan, *p])
    assert np.isnan(with_gap[0])
    assert with_gap[1:] == pytest.approx(benjamini_hochberg(p))
    assert len(holm([])) == 0
