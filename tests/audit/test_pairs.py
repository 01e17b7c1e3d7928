"""Leaks that only two features together show: found where planted, silent where there is nothing."""

import numpy as np
import pandas as pd
import pytest
from test_leakage import honest, look, result

from cgid.audit.checks.combinations import pair_accuracies
from cgid.audit.single_feature import table_balanced_accuracy
from cgid.evaluate.cross_validation import grouped_folds


def test_pair_equals_the_table_of_both_bins_worked_out_one_by_one():
    random = np.random.default_rng(0)
    values = np.round(random.normal(size=(240, 5)), 1)
    values[random.random((240, 5)) < 0.15] = np.nan
    label = random.integers(0, 2, 240)
    fold = grouped_folds(label, np.arange(240), 5, 0)
    alone, pairs = pair_accuracies(values, label, fold)

    def bins(column):
        known = np.isfinite(column)
        below = [(column[known] < v).sum() for v in column[known]]
        codes = np.full(len(column), 6)
        codes[known] = np.array(below) * 6 // known.sum()
        return codes

    codes = [bins(c) for c in values.T]
    for i in range(5):
        assert alone[i] == pytest.approx(table_balanced_accuracy(codes[i], label, fold))
        for j in range(5):
            if j > i:
                assert pairs[i, j] == pytest.approx(table_balanced_accuracy(codes[i] * 7 + codes[j], label, fold))
            else:
                assert np.isnan(pairs[i, j])


def planted(columns: tuple[str, str]) -> pd.DataFrame:
    """Both high or both low: AI. One high, one low: real. Neither column says anything alone."""
    frame, random = honest(400), np.random.default_rng(3)
    first = random.normal(size=400)
    same = np.where(frame["target_label"] == 1, 1, -1)
    frame[columns[0]] = first
    frame[columns[1]] = np.sign(first) * same * np.abs(random.normal(size=400))
    return frame


def test_a_leak_of_two_format_features_together_is_an_issue_and_named():
    found = look(planted(("container_a", "container_b")))
    assert result(found, "pair_of_features") == "issue"
    check = next(c for c in found.summary["dataset_checks"] if c["code"] == "pair_of_features")
    assert "`container_a` and `container_b` together" in check["finding"]
    assert found.report.set_index("feature").loc[["container_a", "container_b"], "severity"].tolist() == [
        "none",
        "none",
    ]


def test_two_pixel_features_that_work_together_are_a_warning_only():
    assert result(look(planted(("noise_a", "noise_b"))), "pair_of_features") == "warning"


def test_shuffled_labels_have_no_telling_pair():
    for seed in range(6):
        frame = honest(features=30, seed=seed)
        order = np.random.default_rng(seed).permutation(150)
        frame["target_label"] = frame["target_label"].to_numpy().reshape(-1, 2)[order].ravel()
        assert result(look(frame, bootstrap=0), "pair_of_features") == "passed"


def test_a_leak_of_one_feature_is_not_told_again_as_pairs():
    frame = honest()
    frame["container_leak"] = frame["target_label"] + 0.0
    assert result(look(frame), "pair_of_features") == "passed"
