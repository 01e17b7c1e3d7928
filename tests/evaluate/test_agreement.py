"""Agreement of two verdicts: counted by hand, kappa as scikit-learn has it."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from cgid.evaluate.comparison import agreement, outcomes


def test_outcomes_by_hand():
    assert outcomes([1, 0, 1, 0], [1, 1, 0, 0]).tolist() == ["both_right", "only_a_wrong", "only_b_wrong", "both_wrong"]


def test_table_is_split_by_class_and_kappa_is_scikit_learns():
    random = np.random.default_rng(1)
    label, a, b = random.integers(0, 2, (3, 400)).astype(bool)
    b = np.where(random.random(400) < 0.6, a, b)
    found = agreement(label, a, b)
    assert found["kappa"] == pytest.approx(cohen_kappa_score(a, b), abs=1e-12)
    assert found["agree"] == pytest.approx(np.mean(a == b))
    assert found["ai"]["only_a_wrong"] == np.sum(label & ~a & b)
    assert found["real"]["only_a_wrong"] == np.sum(~label & a & ~b)
    for key, n in found["all"].items():
        assert n == found["real"][key] + found["ai"][key]


def test_kappa_is_undefined_where_both_always_say_the_same_and_without_images():
    assert agreement([0, 1], [True, True], [True, True])["kappa"] is None
    assert agreement([], [], []) | {"kappa": 0} == {
        **{part: dict.fromkeys(("both_right", "only_a_wrong", "only_b_wrong", "both_wrong"), 0) for part in ("real", "ai", "all")},
        "agree": None,
        "kappa": 0,
    }  # fmt: skip
