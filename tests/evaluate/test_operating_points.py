"""What each frozen threshold costs, by hand, and reliability against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from cgid.evaluate.calibration import ece_by_chance, reliability
from cgid.evaluate.intervals import wilson
from cgid.evaluate.operating_points import operating_points

FROZEN = {
    "thresholds": {"balanced": 0.5, "f1": 0.3, "real_accuracy_95": 1.5},
    "inconclusive": {"low": 0.25, "high": 0.75},
}


def test_each_point_by_hand():
    """Reals at 0.1, 0.2, 0.4, 0.8; AI at 0.2, 0.6, 0.7, 0.9, 0.9."""
    label, p = [0] * 4 + [1] * 5, [0.1, 0.2, 0.4, 0.8, 0.2, 0.6, 0.7, 0.9, 0.9]
    found = {point["point"]: point for point in operating_points(label, p, FROZEN)}
    costs = {name: (f["accused"]["value"], f["missed"]["value"]) for name, f in found.items()}
    assert costs == {
        "balanced": (0.25, 0.2), "real_accuracy_95": (0, 1), "f1": (0.5, 0.2), "inconclusive": (0.25, 0.2),
    }  # fmt: skip
    band = found["inconclusive"]
    assert (band["open_real"]["value"], band["open_ai"]["value"]) == (0.25, 0.4)
    assert (band["accused"]["n"], band["missed"]["n"]) == (4, 5)
    low, high = wilson(1, 4)
    assert (found["balanced"]["accused"]["low"], found["balanced"]["accused"]["high"]) == pytest.approx((low, high))


def test_rows_of_one_photograph_make_a_wider_interval():
    label, p = np.repeat([0, 1], 40), np.tile([0.1, 0.1, 0.1, 0.9], 20)
    alone = operating_points(label, p, FROZEN)[0]["accused"]
    together = operating_points(label, p, FROZEN, groups=np.arange(80) % 8)[0]["accused"]
    assert together["value"] == alone["value"] and together["high"] > alone["high"]


@pytest.mark.parametrize(
    "frozen", [{}, {"thresholds": None, "inconclusive": {"low": None}}, {"thresholds": {"f1": "x"}}]
)
def test_what_is_not_frozen_is_left_out(frozen):
    assert operating_points([0, 1], [0.1, 0.9], frozen) == []


def test_one_class_and_missing_probabilities_end_in_no_figure():
    found = operating_points([0, 0, 1], [0.1, 0.9, np.nan], FROZEN)
    assert found[0]["accused"]["value"] == 0.5 and found[0]["missed"]["value"] is None and found[0]["missed"]["n"] == 0


def test_reliability_is_scikit_learns_with_quantile_bins():
    random = np.random.default_rng(0)
    p = random.random(600)
    label = (random.random(600) < p**2).astype(int)
    observed, stated = calibration_curve(label, p, n_bins=12, strategy="quantile")
    table = reliability(label, p, 12)
    assert [b["observed"] for b in table] == pytest.approx(observed.tolist())
    assert [b["probability"] for b in table] == pytest.approx(stated.tolist())
    assert [b["n"] for b in table] == [50] * 12
    assert (table[0]["low"], table[0]["high"]) == pytest.approx(wilson(label[p < np.sort(p)[50]].sum(), 50))


def test_bins_of_grouped_rows_have_wider_intervals_and_keep_to_finite_rows():
    p = np.append(np.repeat([0.2, 0.8], 40), np.nan)
    label = np.append(np.tile([0, 0, 0, 0, 1, 1, 1, 1], 10), 1)
    groups = np.append(np.arange(80) // 4, 99).astype(str)
    alone, grouped = reliability(label, p), reliability(label, p, groups=groups)
    assert [b["observed"] for b in alone] == [b["observed"] for b in grouped] == [0.5, 0.5]
    assert all(g["high"] - g["low"] > 1.5 * (a["high"] - a["low"]) for a, g in zip(alone, grouped))


def test_the_ece_of_chance_falls_with_the_number_of_images():
    """Mean absolute deviation of a share of n: sqrt(2 p (1 - p) / (pi n)); one bin of 1000 rows at 0.5 gives 0.0126."""
    assert ece_by_chance(np.full(1000, 0.5), draws=4000) == pytest.approx(0.0126, abs=0.001)
    few, many = (ece_by_chance(np.linspace(0.01, 0.99, n)) for n in (60, 6000))
    assert few > 5 * many
    assert ece_by_chance([]) is None
