"""Thresholds are the best of all there are, and the inconclusive band keeps its promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from cgid.evaluate.thresholds import Thresholds, choose, error_rates, verdict

ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=2, max_size=40)


def both_classes(rows):
    return {r[0] for r in rows} == {0, 1}


@given(ROWS.filter(both_classes))
@settings(max_examples=80, deadline=None)
def test_no_other_threshold_is_better(rows):
    label, p = np.array([r[0] for r in rows]), np.array([r[1] for r in rows]) / 10
    chosen = choose(label, p)["thresholds"]
    every = np.concatenate([np.unique(p), [1.1]])
    balanced = [balanced_accuracy_score(label, p >= t) for t in every]
    f1 = [f1_score(label, p >= t, zero_division=0) for t in every]
    assert balanced_accuracy_score(label, p >= chosen["balanced"]) == pytest.approx(max(balanced))
    assert f1_score(label, p >= chosen["f1"], zero_division=0) == pytest.approx(max(f1))
    cut = chosen["real_accuracy_95"]
    assert np.mean(p[label == 0] < cut) >= 0.95
    caught = [np.mean(p[label == 1] >= t) for t in every if np.mean(p[label == 0] < t) >= 0.95]
    assert np.mean(p[label == 1] >= cut) == pytest.approx(max(caught))


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_band_is_ordered_and_wide_enough(rows):
    band = choose([r[0] for r in rows], [r[1] / 10 for r in rows])["inconclusive"]
    assert 0 <= band["low"] < band["high"] <= 1 + 1e-9
    assert band["high"] - band["low"] >= 0.1 - 1e-12


def test_at_most_five_percent_of_fresh_images_are_accused():
    random = np.random.default_rng(0)

    def rows(n):
        label = np.arange(n) % 2
        return label, 1 / (1 + np.exp(-random.normal(2 * label - 1, 1.0)))

    wrong = []
    for _ in range(60):
        band = choose(*rows(200))["inconclusive"]
        rates = error_rates(*rows(2000), band)
        wrong += [rates["likely_ai_wrong"]["value"], rates["likely_real_wrong"]["value"]]
    assert np.mean(np.array(wrong) <= 0.05) >= 0.85


def test_few_rows_make_a_wider_band():
    random = np.random.default_rng(1)
    label = np.arange(4000) % 2
    p = 1 / (1 + np.exp(-random.normal(2 * label - 1, 1.0)))
    few, many = (choose(label[:n], p[:n])["inconclusive"] for n in (40, 4000))
    assert few["high"] - few["low"] > many["high"] - many["low"]


@pytest.mark.parametrize(("label", "p"), [([], []), ([1, 1], [0.3, 0.9]), ([0], [np.nan])])
def test_with_one_class_everything_is_inconclusive(label, p):
    chosen = choose(label, p)
    assert set(chosen["thresholds"].values()) == {0.5}
    assert {verdict(x, chosen["inconclusive"]) for x in (0.0, 0.5, 1.0, None)} == {"inconclusive"}


def test_error_rates_count_what_the_verdicts_say():
    label = [0] * 10 + [1] * 10
    p = [0.1] * 6 + [0.5] * 3 + [0.9] + [0.9] * 5 + [0.5] * 3 + [0.1] * 2
    rates = error_rates(label, p, {"low": 0.3, "high": 0.7})
    assert rates["measured_on"] == "test"
    shares = {k: (v["value"], v["n"]) for k, v in rates.items() if k != "measured_on"}
    assert shares == {
        "likely_ai_wrong": (0.1, 10),
        "likely_real_wrong": (0.2, 10),
        "inconclusive_real": (0.3, 10),
        "inconclusive_ai": (0.3, 10),
    }
    assert rates["likely_ai_wrong"]["low"] == pytest.approx(0.0179, abs=1e-3)  # Wilson, 1 of 10


def test_verdict_at_the_edges():
    band = {"low": 0.3, "high": 0.7}
    assert [verdict(p, band) for p in (0.29, 0.3, 0.69, 0.7)] == [
        "likely_real",
        "inconclusive",
        "inconclusive",
        "likely_ai",
    ]


def test_the_file_of_thresholds_is_what_was_read_from_it():
    content = {
        "variant": "content_only",
        "temperature": 2.0,
        "bias": -0.5,
        "calibrated_on": {"n": 4, "n_real": 2, "n_ai": 2, "what": "rows"},
        "thresholds": {"balanced": 0.5, "f1": 0.4},
        "inconclusive": {"low": 0.3, "high": 0.7},
        "error_rates": {"measured_on": "test"},
    }
    read = Thresholds.from_dict(content)
    assert read.to_dict() == content and list(read.to_dict()) == list(content)
    assert read.calibration.probability(1.0) == pytest.approx(0.5)
    del content["variant"], content["error_rates"]
    assert list(Thresholds.from_dict(content).to_dict()) == list(content)
