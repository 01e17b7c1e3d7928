"""The gate lets through what answers alike and no worse, and says in one sentence what it keeps out."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from cgid.train.onnx_acceptance import LIMITS, MARGIN, accuracy, parity, refusal_message


def scores(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = np.arange(n) % 2
    return label, 1 / (1 + np.exp(-random.normal(1.5 * label - 0.75, 1)))


def test_figures_are_those_of_scikit_learn_and_an_equal_file_passes():
    label, exact = scores(400)
    found = np.clip(exact + 1e-4, 0, 1)
    held = accuracy(label, exact, found, np.arange(400), 0.5)
    assert held["auc"]["float32"] == pytest.approx(roc_auc_score(label, exact), abs=1e-9)
    assert held["balanced_accuracy"]["variant"] == pytest.approx(balanced_accuracy_score(label, found >= 0.5), abs=1e-9)
    assert held["passed"] and parity(exact, found, 0.5, LIMITS["fp16"])["passed"]
    assert refusal_message("fp16", parity(exact, found, 0.5, LIMITS["fp16"]), held) == ""


def test_a_loss_beyond_the_margin_is_refused_even_where_every_probability_moved_little():
    label, exact = scores(2000)
    exact = 0.5 + (exact - 0.5) / 10  # all answers near the threshold
    found = exact - 0.02 * (2 * label - 1)
    held = accuracy(label, exact, found, np.arange(2000), 0.5)
    assert held["auc"]["high"] < -MARGIN and not held["passed"]
    words = refusal_message("int8", parity(exact, found, 0.5, LIMITS["int8"]) | {"passed": True}, held)
    assert words.startswith("int8 was not accepted: its AUC may be worse") and words.endswith(".") and "\n" not in words


def test_few_images_refuse_what_many_let_through():
    label, exact = scores(4000)
    found = np.clip(exact + np.random.default_rng(1).normal(0, 0.03, 4000), 0, 1)
    assert accuracy(label, exact, found, np.arange(4000), 0.5)["passed"]
    few = slice(0, 60)
    assert not accuracy(label[few], exact[few], found[few], np.arange(60), 0.5)["passed"]


def test_one_class_or_one_group_cannot_show_anything():
    label, exact = scores(50)
    for held in (accuracy(label * 0, exact, exact, np.arange(50), 0.5), accuracy(label, exact, exact, label * 0, 0.5)):
        assert not held["passed"]
        assert "are too few to show" in refusal_message("fp16", parity(exact, exact, 0.5, LIMITS["fp16"]), held)


def test_labels_that_flip_and_answers_that_are_no_numbers_are_no_parity():
    _, exact = scores(100)
    flipped = np.where(np.abs(exact - 0.5) < 0.05, 1 - exact, exact)
    found = parity(exact, flipped, 0.5, LIMITS["fp16"])
    assert found["other_labels"] == pytest.approx(np.mean((exact >= 0.5) != (flipped >= 0.5))) and not found["passed"]
    assert not parity(exact, np.where(exact > 0.9, np.nan, exact), 0.5, LIMITS["int8"])["passed"]
