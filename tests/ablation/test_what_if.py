"""What-if estimates: exact where a configuration has just these features, else the mean log odds of single families."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cgid.ablation import cross_validate, plans, what_if
from cgid.ablation.results import with_model
from cgid.evaluate.significance import corrected_t

FAMILIES = {"jpeg_a": "container", "noise_a": "content", "noise_b": "content", "meta_a": "provenance"}


@pytest.fixture(scope="module")
def study():
    random, n = np.random.default_rng(1), 160
    label = np.arange(n) // 2 % 2
    frame = pd.DataFrame({c: random.normal(size=n) + 0.6 * label for c in FAMILIES})
    frame = frame.assign(target_label=label, group=[f"g{i // 2}" for i in range(n)])
    arms = plans.group_plans(FAMILIES, FAMILIES)
    found = cross_validate.run(frame, list(FAMILIES), arms, folds=4, repeats=2)
    return found, {"arms": arms, "owners": {"family": FAMILIES, "group": FAMILIES}}


def parts(study):
    found, summary = study
    kept = what_if.features_by_configuration(summary)
    single = {f: what_if.matching_configuration(own, kept) for f, own in what_if.members(FAMILIES).items()}
    return found, kept, single, what_if.LogOdds.of(found.scores, list(single.values()))


def test_an_arm_is_found_by_what_it_keeps_not_by_its_name(study):
    _, kept, single, _ = parts(study)
    assert single["content"] == "only_family_content"
    assert what_if.matching_configuration(["meta_a", "jpeg_a"], kept) == "without_family_content"
    assert what_if.matching_configuration(list(FAMILIES), kept) == "all"
    assert what_if.matching_configuration(["noise_a", "meta_a"], kept) is None


def test_one_family_fused_with_nothing_is_its_own_arm(study):
    found, _, single, votes = parts(study)
    figures = what_if.estimate(votes, [single["content"]], found.folds)
    stated = found.results.set_index(["plan", "metric"]).loc["only_family_content"]
    for metric in ("auc", "balanced_accuracy"):
        for name, value in figures[metric].items():
            assert value == pytest.approx(stated.loc[metric, name], abs=1e-9)


def test_fusion_is_the_mean_of_log_odds_judged_fold_by_fold(study):
    found, _, _, votes = parts(study)
    both = ["only_family_content", "only_family_provenance"]
    wide = found.scores.pivot(index=["repeat", "fold", "row"], columns="plan", values="score")[both].reset_index()
    wide["fused"] = np.log(wide[both] / (1 - wide[both])).mean(axis=1)
    label = found.scores.drop_duplicates("row").set_index("row")["label"]
    each = [roc_auc_score(label[p["row"]], p["fused"]) for _, p in wide.groupby(["repeat", "fold"])]
    figures = what_if.estimate(votes, both, found.folds)["auc"]
    expected = corrected_t(each, 1 / 3)
    assert figures["mean"] == pytest.approx(expected["mean"])
    assert figures["low"] == pytest.approx(expected["low"])
    base = found.folds[found.folds["plan"] == "all"]["auc"].mean()
    assert figures["difference"] == pytest.approx(expected["mean"] - base)


def test_the_estimate_is_held_against_every_arm_that_was_computed(study):
    found, kept, single, votes = parts(study)
    held = what_if.fusion_error(votes, single, kept, found.folds).set_index("arm")
    assert set(held.index) == {"all", *(f"without_family_{f}" for f in ("container", "content", "provenance"))}
    exact = found.results[found.results["metric"] == "auc"].set_index("plan")["mean"]
    assert held["exact"].to_dict() == pytest.approx(exact[held.index].to_dict())
    assert (held["exact"] - held["fused"]).abs().max() < 0.05


def test_votes_of_nought_and_one_stay_finite():
    rows = pd.DataFrame({"repeat": 0, "fold": [0, 0, 1, 1], "row": range(4), "label": [0, 1, 0, 1]})
    scores = pd.concat([rows.assign(plan=p, score=[0.0, 1.0, 1.0, 0.0]) for p in ("a", "b")])
    fused = what_if.LogOdds.of(scores, ["a", "b"]).fuse(["a", "b"])
    assert fused["score"].tolist() == pytest.approx([0.001, 0.999, 0.999, 0.001])


def test_studies_of_an_earlier_version_are_read():
    assert what_if.features_by_configuration({"arms": {"all": {}}}) == {}
    assert what_if.features_by_configuration({}) == {}
    old = pd.DataFrame({"plan": ["all"], "auc": [0.5]})
    assert with_model(old)["model"].tolist() == ["linear"] and "model" not in old
    assert with_model(with_model(old)).equals(with_model(old))
