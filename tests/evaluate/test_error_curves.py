"""DET and precision-recall curves: the points scikit-learn has, ties and missing scores included."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.metrics import det_curve, precision_recall_curve

from cgid.evaluate.curves import det, precision_recall, probit


def scores(n=300, decimals=8, seed=3):
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, n)
    return label, np.round(random.normal(label, 1.2), decimals)


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_det_holds_every_point_of_scikit_learn(decimals):
    label, score = scores(decimals=decimals)
    mine = det(label, score, points=10_000)
    at = {t: (x, y) for t, x, y in zip(mine["threshold"], mine["fpr"], mine["fnr"])}
    fpr, fnr, threshold = det_curve(label, score)
    finite = np.isfinite(threshold)
    assert finite.sum() >= len(threshold) - 1
    for t, x, y in zip(threshold[finite], fpr[finite], fnr[finite]):
        assert at[t] == pytest.approx((x, y), abs=1e-12)


def test_det_runs_from_nobody_accused_to_nothing_missed_and_probits_are_those_of_scipy():
    label, score = scores()
    mine = det(label, score)
    assert (mine["fpr"].iloc[0], mine["fnr"].iloc[0]) == (0, 1)
    assert (mine["fpr"].iloc[-1], mine["fnr"].iloc[-1]) == (1, 0)
    inner = mine[(mine["fpr"] > 0) & (mine["fpr"] < 1)]
    assert inner["x"].to_numpy() == pytest.approx(norm.ppf(inner["fpr"]))
    assert np.isfinite(mine.to_numpy()).all()
    assert probit([0, 1], 50) == pytest.approx(norm.ppf([0.01, 0.99]))


@pytest.mark.parametrize("decimals", [0, 8])
def test_precision_recall_equals_scikit_learn(decimals):
    label, score = scores(decimals=decimals)
    mine = precision_recall(label, score, points=10_000).iloc[::-1]
    precision, recall, threshold = precision_recall_curve(label, score)
    expected = pd.DataFrame({"recall": recall[:-1], "precision": precision[:-1], "threshold": threshold})
    assert mine.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    label, score = scores(20_000)
    for curve in (det(label, score), precision_recall(label, score)):
        assert len(curve) <= 400
    thin, whole = det(label, score), det(label, score, points=10**9)
    assert (thin.iloc[[0, -1]].to_numpy() == whole.iloc[[0, -1]].to_numpy()).all()


def test_one_class_and_missing_scores():
    assert det([1, 1], [0.1, 0.2]).empty and det([], []).empty
    assert precision_recall([0, 0], [0.1, 0.2]).empty
    label, score = [0, 1, 1, 0], [0.1, 0.9, np.nan, 0.4]
    assert len(det(label, score)) == 4
    assert precision_recall(label, score)["precision"].tolist() == pytest.approx([1, 1 / 2, 1 / 3])
