"""Whatever stands in a feature table, an ablation ends in a sound result or in one sentence."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.ablation.cross_validate import run
from cgid.ablation.results import METRICS
from cgid.errors import InputError
from cgid.evaluate.cross_validation import KINDS, grouped_folds, possible_folds

ARMS = {"all": {}, "less": {"exclude_features": ["noise_a"]}}


def table(n: int = 48) -> pd.DataFrame:
    random = np.random.default_rng(0)
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame({"noise_a": random.normal(size=n) + label, "ela_b": random.normal(size=n)})
    return frame.assign(target_label=label, group=[f"g{i // 2}" for i in range(n)])


def done(frame: pd.DataFrame, **how):
    columns = [c for c in frame if c not in ("target_label", "group")]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # a division by nothing would show
        found = run(frame, columns, ARMS, folds=2, repeats=1, **how)
    assert found.results["mean"].between(0, 1).all()
    assert found.scores["score"].between(0, 1).all()
    assert all("nan" not in s for s in found.summary["sentences"])
    return found


SPOILED = {
    "constant": 3.0,
    "missing": np.nan,
    "infinite": np.inf,
    "both_infinities": [np.inf, -np.inf] * 24,
    "enormous": [1e308, -1e308] * 24,
    "tiny": [1e-320, 0.0] * 24,
    "one_value": [1.0] + [np.nan] * 47,
    "words": ["a", "b"] * 24,
}


@pytest.mark.parametrize("kind", KINDS)
def test_spoiled_columns_do_not_change_what_the_others_say(kind, monkeypatch):
    monkeypatch.setattr("cgid.evaluate.cross_validation.TREES", 20)
    found = done(table().assign(**{f"spoiled_{k}": v for k, v in SPOILED.items()}), models=[kind])
    auc = found.results.set_index(["plan", "metric"])["mean"]
    assert auc["all", "auc"] > 0.6


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_column_alone_is_no_better_than_chance(name):
    frame = table()[["target_label", "group"]].assign(noise_a=SPOILED[name], other=SPOILED[name])
    found = done(frame)
    assert found.results[found.results["metric"] == "auc"]["mean"].between(0.2, 0.8).all()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_too_few_rows_are_one_sentence(rows):
    with pytest.raises(InputError, match="two independent groups of real and two of AI"):
        done(table().head(rows))


def test_one_class_is_one_sentence():
    with pytest.raises(InputError, match="two independent groups"):
        done(table().assign(target_label=1))


def test_one_photograph_behind_all_rows_is_one_sentence():
    with pytest.raises(InputError, match="two independent groups"):
        done(table().assign(group="same"))


def test_missing_groups_are_each_their_own():
    found = done(table().assign(group=None))
    assert found.summary["groups"] == 48


def test_four_rows_are_enough_and_said_to_be_little():
    found = run(table(8).assign(group=None).iloc[[0, 1, 2, 3]], ["noise_a", "ela_b"], ARMS, folds=5, repeats=1)
    assert found.summary["notes"][0].startswith("Only 2 folds")
    assert set(found.results["metric"]) == set(METRICS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 7)), min_size=1, max_size=40), st.integers(2, 5))
def test_no_fold_is_left_without_a_class_to_learn_from(rows, wanted):
    label, codes = np.array(rows).T
    made = possible_folds(label, codes, wanted)
    if made:
        fold = grouped_folds(label, codes, made, 7)
        assert all(set(label[fold != k]) == {0, 1} for k in range(made))
