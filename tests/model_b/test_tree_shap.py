"""TreeSHAP adds up to what the trees say, and a check of an image does not pay for the library."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from cgid.evaluate.calibration import Calibration
from cgid.model_b.estimators import TreeModel
from cgid.model_b.preparation import fit_preparation
from cgid.model_b.tree_shap import LOG_ODDS, VOTES, tree_contributions

NAMES = ("a", "b", "c", "d")
KINDS = {
    "forest": lambda: RandomForestClassifier(40, min_samples_leaf=3, random_state=0, n_jobs=1),
    "boosting": lambda: HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, random_state=0),
}


def model_of(kind):
    random = np.random.default_rng(0)
    raw = random.normal(size=(400, 4))
    label = (raw[:, 0] + raw[:, 1] * raw[:, 2] + 0.3 * random.normal(size=400) > 0).astype(float)
    raw[random.random(400) < 0.2, 1] = np.nan
    preparation = fit_preparation(raw, NAMES)
    estimator = KINDS[kind]().fit(preparation.matrix(raw), label)
    return TreeModel("all", preparation, estimator, np.arange(4), Calibration(1.7, 0.2)), raw


@pytest.mark.parametrize("kind", KINDS)
def test_start_and_contributions_are_the_models_output(kind):
    model, raw = model_of(kind)
    for row in raw[:25]:
        values = dict(zip(NAMES, row))
        told = tree_contributions(model, values)
        assert told.start + sum(c for *_, c in told.parts) == pytest.approx(told.output, abs=1e-6)
        prepared = model.preparation.row(values)[None]
        if kind == "forest":
            assert told.unit == VOTES and told.output == pytest.approx(model.estimator.predict_proba(prepared)[0, 1])
        else:
            margin = model.estimator.decision_function(prepared)[0]
            assert told.unit == LOG_ODDS and told.output == pytest.approx(margin / 1.7 + 0.2)
            assert told.output == pytest.approx(model.logit(values), abs=1e-9)


def test_they_are_shapley_values_by_hand_for_two_features():
    """One tree of two features, against the definition over both orders with the branches' training shares."""
    random = np.random.default_rng(1)
    matrix = random.normal(size=(200, 2))
    label = ((matrix[:, 0] > 0) & (matrix[:, 1] > 0.3)).astype(float)
    preparation = fit_preparation(matrix, ("a", "b"))
    forest = RandomForestClassifier(1, bootstrap=False, max_features=None, max_depth=2, random_state=0)
    forest.fit(preparation.matrix(matrix), label)
    model = TreeModel("all", preparation, forest, np.arange(2), Calibration(1, 0))
    tree = forest.estimators_[0].tree_
    row = preparation.row({"a": 1.0, "b": 1.0})

    def expected(known, node=0):
        left, right = tree.children_left[node], tree.children_right[node]
        if left < 0:
            share = tree.value[node][0]
            return share[1] / share.sum()
        if tree.feature[node] in known:
            return expected(known, left if row[tree.feature[node]] <= tree.threshold[node] else right)
        weight = tree.weighted_n_node_samples
        return (weight[left] * expected(known, left) + weight[right] * expected(known, right)) / weight[node]

    by_hand = {
        "a": (expected({0}) - expected(set()) + expected({0, 1}) - expected({1})) / 2,
        "b": (expected({1}) - expected(set()) + expected({0, 1}) - expected({0})) / 2,
    }
    told = tree_contributions(model, {"a": 1.0, "b": 1.0})
    assert {name: c for name, _, c in told.parts} == pytest.approx(by_hand)


def test_a_missing_value_is_counted_with_its_feature():
    model, _ = model_of("boosting")
    told = tree_contributions(model, {"a": 1.0, "c": 0.5, "d": 0.0})
    assert sorted(name for name, *_ in told.parts) == sorted(NAMES)
    assert {name: value for name, value, _ in told.parts}["b"] is None


def test_a_check_and_its_page_load_no_shap():
    script = (
        "import sys, cgid.forensics.check, cgid.model_b.tree_shap, cgid.ui.check.evidence_card; "
        "sys.exit(any(m in sys.modules for m in ('shap', 'numba')))"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=120).returncode == 0
