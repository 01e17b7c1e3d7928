"""`cgid.evaluate` agrees with scikit-learn, and with the metrics of the pages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

import cgid
from cgid.evaluate.metrics import summary

RANDOM = np.random.default_rng(11)
Y = RANDOM.integers(0, 2, 300)
SCORE = np.clip(0.25 * Y + 0.75 * RANDOM.random(300), 0, 1).round(2)  # with ties
GROUPS = np.arange(300) // 3


def test_values_are_those_of_scikit_learn():
    found = cgid.evaluate(Y, SCORE, threshold=0.6, bootstrap=0)
    called = SCORE >= 0.6
    tn, fp, fn, tp = sk.confusion_matrix(Y, called).ravel()
    expected = {
        "auc": sk.roc_auc_score(Y, SCORE),
        "average_precision": sk.average_precision_score(Y, SCORE),
        "accuracy": sk.accuracy_score(Y, called),
        "balanced_accuracy": sk.balanced_accuracy_score(Y, called),
        "precision": sk.precision_score(Y, called),
        "recall": sk.recall_score(Y, called),
        "f1": sk.f1_score(Y, called),
        "false_positive_rate": fp / (fp + tn),
        "false_negative_rate": fn / (fn + tp),
        "brier": sk.brier_score_loss(Y, SCORE),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-12), name
    assert found.confusion == {"tn": tn, "fp": fp, "fn": fn, "tp": tp} and found.threshold == 0.6


def test_intervals_are_those_of_the_pages_and_groups_count():
    found = cgid.evaluate(Y, SCORE, GROUPS, bootstrap=200, seed=7)
    assert found.to_dict() == summary(Y, SCORE, 0.5, GROUPS, 200, 7)
    assert found.summary["groups"] == 100
    auc = found["auc"]
    assert auc.low < auc.value < auc.high
    frame = found.frame().set_index("metric")
    assert frame.loc["auc"].tolist() == list(auc) and "layer" in found.plot().to_dict()
    assert "AUC" in found._repr_html_()


@pytest.mark.parametrize(
    "labels",
    [Y.tolist(), Y.astype(bool), np.where(Y, "ai", "real"), pd.Series(np.where(Y, "AI", "Real")), Y.astype(float)],
)
def test_labels_may_be_numbers_truth_values_or_words(labels):
    assert cgid.evaluate(labels, list(SCORE), bootstrap=0).to_dict() == cgid.evaluate(Y, SCORE, bootstrap=0).to_dict()


def test_missing_scores_are_counted_and_undefined_figures_are_none():
    found = cgid.evaluate([0, 0, 1], [0.2, 0.3, np.nan])
    assert found.summary["n_missing"] == 1 and tuple(found["auc"]) == (None, None, None)
    assert found.frame()["value"].isna().any()
    with pytest.raises(cgid.InputError, match="both classes"):
        found.plot()


@pytest.mark.parametrize(
    ("y_true", "score", "options", "words"),
    [
        ([0, 1], [0.5], {}, "2 values and score 1"),
        ([], [], {}, "no images"),
        ([0, 2], [0.1, 0.2], {}, "y_true, value 2: `2`"),
        (["real", "cat"], [0.1, 0.2], {}, "value 2: `cat`"),
        ([0, np.nan], [0.1, 0.2], {}, "value 2: `nan`"),
        ([0, 1], [0.1, 1.2], {}, "score, value 2: 1.2"),
        ([0, 1], [0.1, np.inf], {}, "score, value 2"),
        ([0, 1], [0.1, "x"], {}, "no number"),
        ([[0, 1]], [0.1, 0.2], {}, "shape"),
        ([0, 1], [[0.1, 0.2]], {}, "shape"),
        ([0, 1], [0.1, 0.2], {"groups": [1]}, "shape"),
        ([0, 1], [0.1, 0.2], {"bootstrap": -1}, "bootstrap"),
        ([0, 1], [0.1, 0.2], {"threshold": np.nan}, "threshold"),
    ],
)
def test_bad_input_is_one_sentence(y_true, score, options, words):
    with pytest.raises(cgid.InputError, match=words):
        cgid.evaluate(y_true, score, **options)


def test_an_unknown_figure_is_one_sentence():
    with pytest.raises(cgid.InputError, match="no figure `magic`"):
        _ = cgid.evaluate([0, 1], [0.1, 0.9])["magic"]
