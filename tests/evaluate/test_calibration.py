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
    fit = calibration.fit_temperature(logit, label)
    assert fit.temperature == pytest.approx(3, rel=0.1)
    assert fit.bias == pytest.approx(-2 / 3, abs=0.1)
    line = LogisticRegression(C=np.inf).fit(logit[:, None], label)
    assert (1 / fit.temperature, fit.bias) == pytest.approx((line.coef_[0, 0], line.intercept_[0]), abs=0.01)
    before = calibration.ece(label, calibration.sigmoid(logit))
    assert calibration.ece(label, fit.probability(logit)) < before / 4


def test_few_separated_rows_are_not_called_certain():
    fit = calibration.fit_temperature([-2, -1, 1, 2], [0, 0, 1, 1])
    assert fit.probability(np.array([2.0]))[0] < 0.95


@pytest.mark.parametrize(("logit", "label"), [([], []), ([1.0, 2.0], [1, 1]), ([np.nan, 1.0], [0, 1])])
def test_with_one_class_nothing_is_changed(logit, label):
    assert calibration.fit_temperature(logit, label) == calibration.Calibration(1.0, 0.0)


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.integers(0, 1)), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_the_order_of_scores_is_never_turned_round(rows):
    logit, label = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    fit = calibration.fit_temperature(logit, label)
    assert fit.temperature > 0 and np.isfinite(fit.bias)
    assert (np.diff(fit.probability(np.sort(logit))) >= 0).all()


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


@given(st.floats(-1e6, 1e6))
def test_sigmoid_and_logit_undo_one_another_and_never_warn(x):
    share = calibration.sigmoid(x)
    assert isinstance(share, float) and 0 <= share <= 1
    assert calibration.sigmoid(np.array([x]))[0] == share
    assert share + calibration.sigmoid(-x) == pytest.approx(1)
    if abs(x) < 15:
        assert calibration.logit(share) == pytest.approx(x, abs=1e-6)


def test_logit_holds_the_ends_off():
    assert calibration.logit(0.0, 0.25) == pytest.approx(np.log(1 / 3))
    assert np.isfinite(calibration.logit(np.array([0.0, 1.0]))).all()


def test_sigmoid_keeps_single_precision_and_what_is_missing():
    assert calibration.sigmoid(np.zeros(2, np.float32)).dtype == np.float32
    assert np.isnan(calibration.sigmoid(float("nan")))


@pytest.mark.parametrize("block", [{"temperature": 0}, {"temperature": -1}, {"bias": float("inf")}, {"bias": "x"}])
def test_an_impossible_calibration_is_refused(block):
    with pytest.raises(ValueError):
        calibration.Calibration.from_dict(block)
