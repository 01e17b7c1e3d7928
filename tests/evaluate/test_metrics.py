"""Figures of a detector against scikit-learn, and null where a figure is undefined."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from cgid.evaluate import metrics
from cgid.evaluate.curves import auc

FIGURES = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc", "average_precision"),
    *("tpr_at_1fpr", "tpr_at_5fpr", "tpr_at_10fpr", "eer", "brier", "ece"),
    *("false_positive_rate", "false_negative_rate"),
)


def detector(n: int = 400, seed: int = 0, decimals: int = 2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, n)
    return label, np.round(1 / (1 + np.exp(-random.normal(label - 0.4, 1))), decimals)


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_agrees_with_scikit_learn_also_with_ties(decimals):
    label, p = detector(decimals=decimals)
    found = metrics.summary(label, p, 0.5, draws=0)
    called = p >= 0.5
    expected = {
        "accuracy": sk.accuracy_score(label, called),
        "balanced_accuracy": sk.balanced_accuracy_score(label, called),
        "precision": sk.precision_score(label, called),
        "recall": sk.recall_score(label, called),
        "f1": sk.f1_score(label, called),
        "auc": sk.roc_auc_score(label, p),
        "average_precision": sk.average_precision_score(label, p),
        "brier": sk.brier_score_loss(label, p),
    }
    fpr, tpr, _ = sk.roc_curve(label, p, drop_intermediate=False)
    for name, limit in (("tpr_at_1fpr", 0.01), ("tpr_at_5fpr", 0.05), ("tpr_at_10fpr", 0.1)):
        expected[name] = tpr[fpr <= limit].max()
    for name, value in expected.items():
        assert found[name]["value"] == pytest.approx(value, abs=1e-9), name
    tn, fp, fn, tp = sk.confusion_matrix(label, called).ravel()
    assert found["confusion"] == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}
    assert found["false_positive_rate"]["value"] == pytest.approx(fp / (fp + tn))
    crossing = np.linspace(0, 1, 200_001)
    on_curve = np.interp(crossing, fpr, tpr)
    assert found["eer"]["value"] == pytest.approx(crossing[np.argmin(np.abs(on_curve - (1 - crossing)))], abs=1e-4)


def test_block_has_every_figure_of_the_contract_with_ordered_intervals():
    label, p = detector()
    found = metrics.summary(label, p, groups=np.arange(400) // 4, draws=100)
    assert {"n", "n_real", "n_ai", "groups", "confusion", "threshold"} <= set(found)
    assert (found["n"], found["groups"]) == (400, 100)
    for name in FIGURES:
        assert set(found[name]) == {"value", "low", "high"}
        assert 0 <= found[name]["low"] <= found[name]["high"] <= 1
        if name != "ece":  # resampling can only add to the gap of a bin: its interval may lie above the figure
            assert found[name]["low"] <= found[name]["value"] <= found[name]["high"], name


def test_weighted_draw_equals_repeating_the_rows():
    label, p = detector(60, decimals=1)
    weights = np.random.default_rng(1).integers(0, 4, 60).astype(np.float32)
    found = metrics.Ranking.of(label, p).metrics(weights[None])[0]
    rows = np.repeat(np.arange(60), weights.astype(int))
    assert found[0] == pytest.approx(sk.roc_auc_score(label[rows], p[rows]), abs=1e-6)
    assert found[1] == pytest.approx(sk.average_precision_score(label[rows], p[rows]), abs=1e-6)


@pytest.mark.parametrize(
    ("label", "p"),
    [([], []), ([1, 1], [0.2, 0.8]), ([0, 0, 0], [0.1, 0.1, 0.9]), ([0, 1], [np.nan, 0.5]), ([0, 1] * 9, [0.5] * 18)],
)
def test_degenerate_input_gives_null_not_an_error(label, p):
    found = metrics.summary(label, p, draws=20)
    for name in FIGURES:
        assert all(v is None or np.isfinite(v) for v in found[name].values())
    if len(set(np.asarray(label)[np.isfinite(p)])) < 2:
        assert found["auc"] == {"value": None, "low": None, "high": None}
        assert len(metrics.roc(label, p)) == 0
    else:
        assert found["auc"]["value"] == 0.5


def test_a_perfect_score_does_not_claim_certainty():
    found = metrics.summary([0] * 10 + [1] * 10, [0.1] * 10 + [0.9] * 10)
    for name in ("auc", "accuracy", "balanced_accuracy", "recall"):
        assert found[name]["value"] == 1
        assert found[name]["low"] < 0.9
    assert found["false_positive_rate"]["high"] > 0.2


def test_rows_of_one_photograph_widen_the_interval():
    label, p = detector(50)
    rows = np.repeat(np.arange(50), 8)
    alone = metrics.summary(label[rows], p[rows])
    grouped = metrics.summary(label[rows], p[rows], groups=rows)
    once = metrics.summary(label, p)
    for name in ("auc", "accuracy", "recall", "f1"):
        width = {
            k: m[name]["high"] - m[name]["low"] for k, m in (("alone", alone), ("grouped", grouped), ("once", once))
        }
        assert width["grouped"] > 2 * width["alone"], name
        assert width["grouped"] == pytest.approx(width["once"], rel=0.25), name


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Grouped rows, true AUC of two normals one deviation apart: Phi(1/sqrt 2) = 0.760; true accuracy at 0: Phi(0.5)."""
    hits = {"auc": 0, "accuracy": 0}
    for seed in range(300):
        random = np.random.default_rng(seed)
        group = np.repeat(np.arange(60), 3)
        label = group % 2
        score = label - 0.5 + np.repeat(random.normal(0, np.sqrt(0.6), 60), 3) + random.normal(0, np.sqrt(0.4), 180)
        found = metrics.summary(label, 1 / (1 + np.exp(-score)), groups=group, draws=150, seed=seed)
        hits["auc"] += found["auc"]["low"] <= 0.7602 <= found["auc"]["high"]
        hits["accuracy"] += found["accuracy"]["low"] <= 0.6915 <= found["accuracy"]["high"]
    assert 0.92 <= hits["auc"] / 300 <= 0.98
    assert 0.92 <= hits["accuracy"] / 300 <= 0.98


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows):
    label, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], dtype=float)
    pairs = [(a > r) + (a == r) / 2 for a in score[label == 1] for r in score[label == 0]]
    if pairs:
        assert auc(label, score) == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(auc(label, score))


def test_roc_is_thinned_but_keeps_its_area():
    label, p = detector(20_000, decimals=12)
    curve = metrics.roc(label, p)
    assert 100 < len(curve) <= 402
    assert (curve["fpr"].iloc[0], curve["tpr"].iloc[0]) == (0, 0)
    assert (curve["fpr"].iloc[-1], curve["tpr"].iloc[-1]) == (1, 1)
    assert np.trapezoid(curve["tpr"], curve["fpr"]) == pytest.approx(sk.roc_auc_score(label, p), abs=2e-3)
    some = curve.iloc[len(curve) // 2]
    assert np.mean(p[label == 1] >= some["threshold"]) == pytest.approx(some["tpr"])


def test_worst_generator_comes_first():
    label = np.array([0] * 20 + [1] * 40)
    p = np.array([0.1] * 20 + [0.9] * 20 + [0.9] * 5 + [0.2] * 15)
    table = metrics.by(label, p, ["camera"] * 20 + ["gan"] * 20 + [None] * 20)
    assert table["name"].tolist() == ["unknown", "camera", "gan"]
    worst = table.iloc[0]
    assert (worst["n"], worst["accuracy"]) == (20, 0.25)
    assert worst["low"] == pytest.approx(0.1119, abs=1e-3)  # Wilson, 5 of 20
    assert np.isnan(worst["false_positive_rate"])


def test_ten_thousand_rows_and_500_draws_take_seconds():
    label, p = detector(10_000, decimals=12)
    start = time.perf_counter()
    metrics.summary(label, p, groups=np.arange(10_000) // 3, draws=500)
    assert time.perf_counter() - start < 15  # about 1.5 s when nothing else runs
