"""Probabilities mean what they say after calibration, and few rows do not end in certainty."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from cgid.evaluate import calibration


def overconfident(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.normal(0, 2, n)
    return 3 * truth + 2, (random.random(n) < calibration.sigmoid(truth)).astype(int)


def test_finds_the_temperature_and_bias_that_were_put_in():
    logit, label = overconfident(20_000)
    temperature, bias = calibration.fit_temperature(logit, label)
    assert temperature == pytest.approx(3, rel=0.1)
    assert bias == pytest.approx(-2 / 3, abs=0.1)
    line = LogisticRegression(C=np.inf).fit(logit[:, None], label)
    assert (1 / temperature, bias) == pytest.approx((line.coef_[0, 0], line.intercept_[0]), abs=0.01)
    before = calibration.ece(label, calibration.sigmoid(logit))
    assert calibration.ece(label, calibration.apply(logit, temperature, bias)) < before / 4


def test_few_separated_rows_are_not_called_certain():
    temperature, bias = calibration.fit_temperature([-2, -1, 1, 2], [0, 0, 1, 1])
    assert calibration.apply(np.array([2.0]), temperature, bias)[0] < 0.95


@pytest.mark.parametrize(("logit", "label"), [([], []), ([1.0, 2.0], [1, 1]), ([np.nan, 1.0], [0, 1])])
def test_with_one_class_nothing_is_changed(logit, label):
    assert calibration.fit_temperature(logit, label) == (1.0, 0.0)


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.integers(0, 1)), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_the_order_of_scores_is_never_turned_round(rows):
    logit, label = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    temperature, bias = calibration.fit_temperature(logit, label)
    assert temperature > 0 and np.isfinite(bias)
    assert (np.diff(calibration.apply(np.sort(logit), temperature, bias)) >= 0).all()


def test_ece_by_hand():
    """Two bins of five: 0.2 said and 0.4 seen, 0.9 said and 0.8 seen: (0.2 + 0.1) / 2."""
    p = [0.2] * 5 + [0.9] * 5
    assert calibration.ece([1, 1, 0, 0, 0, 1, 1, 1, 1, 0], p) == pytest.approx(0.15)


def test_equal_probabilities_share_a_bin():
    p = np.array([0.5] * 90 + list(np.linspace(0, 1, 60)))
    bins = calibration.equal_mass_bins(p)
    assert len(set(bins[p == 0.5])) == 1
    assert sum(b["n"] for b in calibration.reliability(np.zeros(150), p)) == 150


def test_ece_of_nothing_is_unknown():
    assert calibration.ece([], []) is None
